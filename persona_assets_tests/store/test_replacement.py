"""Replacing files and folders: the old version or the new one, whatever happens, and nothing left over."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from persona_assets.errors import StorageError
from persona_assets.store.replacement import new_file, replacing

Block = Callable[[Path], AbstractContextManager[Path]]

REPLACEMENTS = 200


def journal_of(target: Path) -> Path:
    """Outside the folder that a test looks into."""
    base = next(parent for parent in target.parents if parent.name.startswith("test_"))
    return base.with_name(f"journals of {base.name}") / "one.json"


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    with replacing(journal_of(target)) as replacement:
        yield replacement.folder(target)


def remove(target: Path) -> bool:
    with replacing(journal_of(target)) as replacement:
        return replacement.remove(target)


def write_folder(target: Path, files: dict[str, str]) -> None:
    with new_folder(target) as staged:
        for name, content in files.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).write_text(content)


def write_file(target: Path, content: str) -> None:
    with new_file(target) as staged:
        staged.write_text(content)


def tree(folder: Path) -> dict[str, str]:
    """Every entry below ``folder``, hidden ones too: the content of files, a mark for the rest."""
    found = {}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        found[name] = "link" if path.is_symlink() else "folder" if path.is_dir() else path.read_text()
    return found


class InterruptedWorkError(Exception):
    """Stands for whatever may go wrong while a new version is being written."""


ERRORS = (InterruptedWorkError(), KeyboardInterrupt(), SystemExit(), MemoryError(), GeneratorExit())


def test_a_new_file_is_made_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file.json"
    with new_file(target) as staged:
        staged.write_text("new")
        assert not target.exists()
    assert tree(tmp_path) == {"a": "folder", "a/b": "folder", "a/b/file.json": "new"}


def test_a_file_is_replaced_only_when_the_block_has_ended(tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    target.write_text("old")
    with new_file(target) as staged:
        staged.write_text("new")
        assert target.read_text() == "old"
    assert tree(tmp_path) == {"file.json": "new"}


def test_a_reader_of_the_old_file_keeps_it_to_the_end(tmp_path: Path) -> None:
    target = tmp_path / "file.json"
    target.write_text("old")
    with target.open() as reader:
        with new_file(target) as staged:
            staged.write_text("new")
        assert reader.read() == "old"


def test_a_new_folder_is_made_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "a" / "data"
    write_folder(target, {"one": "1", "train/two": "2"})
    assert tree(tmp_path) == {
        "a": "folder",
        "a/data": "folder",
        "a/data/one": "1",
        "a/data/train": "folder",
        "a/data/train/two": "2",
    }


def test_a_folder_is_replaced_only_when_the_block_has_ended(tmp_path: Path) -> None:
    target = tmp_path / "data"
    write_folder(target, {"one": "old"})
    with new_folder(target) as staged:
        staged.mkdir()
        (staged / "one").write_text("new")
        assert tree(target) == {"one": "old"}
    assert tree(tmp_path) == {"data": "folder", "data/one": "new"}


def test_a_folder_that_shrinks_leaves_no_stale_shard(tmp_path: Path) -> None:
    target = tmp_path / "data"
    write_folder(target, {f"train/data-{shard}-of-3": "old" for shard in range(3)} | {"state.json": "old"})
    write_folder(target, {"train/data-0-of-1": "new"})
    assert tree(target) == {"train": "folder", "train/data-0-of-1": "new"}


@pytest.mark.parametrize("block", [new_file, new_folder])
def test_the_staged_path_lies_hidden_beside_the_target(block: Block, tmp_path: Path) -> None:
    with block(tmp_path / "data") as staged:
        assert staged.parent == tmp_path
        assert staged.name.startswith(".data.")
        assert staged.name.endswith(".partial")
        staged.mkdir()


def test_two_blocks_for_one_target_do_not_share_a_staged_path(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with new_file(target) as one, new_file(target) as other:
        assert one != other
        one.write_text("outer")
        other.write_text("inner")
    assert tree(tmp_path) == {"file": "outer"}


def interrupt(block: Block, target: Path, error: BaseException) -> None:
    """Begin a new version of ``target``, and fail before it is whole."""
    with block(target) as staged:
        if block is new_file:
            staged.write_text("half of the n")
        else:
            (staged / "train").mkdir(parents=True)
            (staged / "train" / "two").write_text("new")
        raise error


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("block", [new_file, new_folder])
def test_an_error_in_the_block_leaves_the_old_version_and_nothing_else(
    block: Block, error: BaseException, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    if block is new_file:
        write_file(target, "old")
    else:
        write_folder(target, {"one": "old", "train/two": "old"})
    before = tree(tmp_path)
    inode = target.stat().st_ino
    with pytest.raises(type(error)):
        interrupt(block, target, error)
    assert tree(tmp_path) == before
    assert target.stat().st_ino == inode


@pytest.mark.parametrize("block", [new_file, new_folder])
def test_a_full_disk_is_an_error_that_names_the_target_and_keeps_the_old_version(
    block: Block, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    write_folder(target, {"one": "old"})
    before = tree(tmp_path)
    with pytest.raises(StorageError) as caught:
        interrupt(block, target, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert str(caught.value).startswith(f"{target} cannot be written: No space left on device")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("block", [new_file, new_folder])
def test_an_error_in_the_first_block_leaves_no_target(block: Block, tmp_path: Path) -> None:
    with pytest.raises(InterruptedWorkError):
        interrupt(block, tmp_path / "target", InterruptedWorkError())
    assert tree(tmp_path) == {}


def test_a_block_that_writes_nothing_leaves_the_old_version(tmp_path: Path) -> None:
    write_file(tmp_path / "file", "old")
    write_folder(tmp_path / "data", {"one": "old"})
    before = tree(tmp_path)
    with pytest.raises(StorageError), new_file(tmp_path / "file"):
        pass
    with pytest.raises(StorageError), new_folder(tmp_path / "data"):
        pass
    assert tree(tmp_path) == before


def test_a_folder_never_takes_the_place_of_a_file_or_a_link_to_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for name in ("file", "link"):
        with pytest.raises(StorageError, match=f"{name} is a file, but must be a folder; move it away"):
            write_folder(tmp_path / name, {"one": "new"})
    assert tree(tmp_path) == {"file": "old", "link": "link"}


def test_a_file_never_takes_the_place_of_a_folder(tmp_path: Path) -> None:
    write_folder(tmp_path / "data", {"one": "old"})
    before = tree(tmp_path)
    with pytest.raises(
        StorageError, match=r"data cannot be written: .*data is a folder, but must be a file; move it away"
    ):
        write_file(tmp_path / "data", "new")
    assert tree(tmp_path) == before


def test_a_target_below_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(StorageError, match="file/data cannot be written"):
        write_folder(tmp_path / "file" / "data", {"one": "new"})
    with pytest.raises(StorageError, match="file/data cannot be written"):
        write_file(tmp_path / "file" / "data", "new")
    assert tree(tmp_path) == {"file": "old"}


def test_a_file_that_is_a_link_is_replaced_and_what_it_leads_to_is_kept(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "file").symlink_to(tmp_path / "real")
    with new_file(tmp_path / "file") as staged:
        staged.write_text("new")
    assert tree(tmp_path) == {"real": "old", "file": "new"}


def test_a_folder_that_is_a_link_is_replaced_and_leaves_nothing_over(tmp_path: Path) -> None:
    write_folder(tmp_path / "real", {"one": "old"})
    (tmp_path / "data").symlink_to(tmp_path / "real")
    write_folder(tmp_path / "data", {"one": "new"})
    assert tree(tmp_path) == {"real": "folder", "real/one": "old", "data": "folder", "data/one": "new"}


def test_a_removed_file_or_folder_is_gone_with_all_it_held(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    write_folder(tmp_path / "data", {"one": "1", "train/two": "2"})
    (tmp_path / "bystander").write_text("kept")
    assert remove(tmp_path / "file") is True
    assert remove(tmp_path / "data") is True
    assert tree(tmp_path) == {"bystander": "kept"}


def test_removing_nothing_says_so_and_makes_nothing(tmp_path: Path) -> None:
    assert remove(tmp_path / "data") is False
    assert remove(tmp_path / "no" / "such" / "folder") is False
    assert tree(tmp_path) == {}


def test_removing_a_link_to_a_folder_removes_the_link_alone(tmp_path: Path) -> None:
    write_folder(tmp_path / "real", {"one": "old"})
    (tmp_path / "data").symlink_to(tmp_path / "real")
    assert remove(tmp_path / "data") is True
    assert tree(tmp_path) == {"real": "folder", "real/one": "old"}


def test_removing_a_link_to_nothing_removes_the_link(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(tmp_path / "gone")
    assert remove(tmp_path / "data") is True
    assert tree(tmp_path) == {}


def look(folder: Path) -> set[str] | None:
    """The contents of all files of the folder that bears this name now; None if it lost the name meanwhile."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        held = [_content(name, handle) for name in os.listdir(handle)]  # noqa: PTH208 - of the folder that is open
        still_there = folder.stat().st_ino == os.fstat(handle).st_ino
    finally:
        os.close(handle)
    if not still_there:
        return None
    assert len(held) == 5
    return {content or "vanished" for content in held}


def _content(name: str, folder: int) -> str | None:
    try:
        file = os.open(name, os.O_RDONLY, dir_fd=folder)
    except FileNotFoundError:
        return None
    try:
        return os.read(file, 100).decode()
    finally:
        os.close(file)


class Watcher(threading.Thread):
    """Looks at a folder again and again, and keeps all it saw and the first error it met."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.seen: set[str] = set()
        self.mixed: list[set[str]] = []
        self.error: BaseException | None = None
        self.started_looking = threading.Event()
        self.replaced = threading.Event()

    def run(self) -> None:
        try:
            last = False
            while not last:
                last = self.replaced.is_set()
                held = look(self.folder)
                if held is not None:
                    self.seen |= held
                    if len(held) != 1:
                        self.mixed.append(held)
                self.started_looking.set()
        except (OSError, AssertionError) as error:
            self.error = error
            self.started_looking.set()


def test_a_reader_never_finds_the_name_of_a_folder_unused_nor_the_folder_mixed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    versions = [f"version {number}" for number in range(REPLACEMENTS + 1)]
    write_folder(folder, dict.fromkeys("abcde", versions[0]))
    watcher = Watcher(folder)
    watcher.start()
    watcher.started_looking.wait(10)
    for version in versions[1:]:
        write_folder(folder, dict.fromkeys("abcde", version))
    watcher.replaced.set()
    watcher.join(10)
    assert watcher.error is None
    assert watcher.mixed == []
    assert {versions[0], versions[-1]} <= watcher.seen <= set(versions)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_reader_never_finds_a_file_missing_or_half_written(tmp_path: Path) -> None:
    target = tmp_path / "file"
    versions = {f"{number:03}" * 50_000 for number in range(40)}
    target.write_text("000" * 50_000)
    seen: set[str] = set()
    errors: list[OSError] = []
    replaced = threading.Event()

    def read_again_and_again() -> None:
        try:
            while not replaced.is_set():
                seen.add(target.read_text())
        except OSError as error:
            errors.append(error)

    reader = threading.Thread(target=read_again_and_again)
    reader.start()
    for version in sorted(versions):
        with new_file(target) as staged:
            staged.write_text(version)
    replaced.set()
    reader.join(10)
    assert errors == []
    assert seen <= versions
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
