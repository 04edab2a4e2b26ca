"""A file is taken to be the same without being read only if nobody can have written to it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from persona_assets.store.content import Content
from persona_assets.store.file_stamps import FileStamp, SeenFiles


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    wait_for_the_clock(path)
    return path


def wait_for_the_clock(path: Path) -> None:
    """Until the file system would give a change of ``path`` another time."""
    clock, written = path.with_name("clock"), path.stat().st_ctime_ns
    clock.touch()
    while clock.stat().st_ctime_ns == written:
        clock.touch()
    clock.unlink()


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(path: Path) -> None:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("persona_assets.store.content.Content.of", never)


def known(*paths: Path) -> SeenFiles:
    return SeenFiles(SeenFiles.look(paths))


def long_after(*paths: Path) -> int:
    return max(path.stat().st_ctime_ns for path in paths) + 1


def rewrite(path: Path) -> None:
    """Other bytes, the same size and time of modification."""
    times = path.stat()
    path.write_bytes(b"CONTENT")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"CONTENT")
    other.rename(path)


def test_a_known_file_is_not_read(file: Path, unread: None) -> None:
    assert known(file).holds(file, Content(7, "any"))


@pytest.mark.parametrize("change", [rewrite, replace, Path.unlink, lambda path: os.utime(path, ns=(1, 1))])
def test_a_file_that_was_touched_in_any_way_is_not_known(file: Path, change: Callable[[Path], object]) -> None:
    files = known(file)
    change(file)
    assert not files.knows(file)


def test_a_file_that_is_not_known_is_read(file: Path) -> None:
    content, files = Content.of(file), SeenFiles()
    assert files.holds(file, content)
    rewrite(file)
    assert not SeenFiles().holds(file, content)
    assert files.trustworthy(long_after(file)) == {}


def test_where_nothing_may_be_read_an_unknown_file_counts_as_changed(file: Path, unread: None) -> None:
    assert not SeenFiles(may_read=False).holds(file, Content(7, "any"))


def test_a_file_as_young_as_the_clock_can_tell_is_not_relied_on(file: Path) -> None:
    files, written = SeenFiles(), file.stat().st_ctime_ns
    files.note_written([file])
    assert files.trustworthy(written) == {}
    assert files.trustworthy(written + 1) == {str(file): FileStamp.seen_at(str(file))}


def test_a_file_written_to_between_two_readings_is_not_relied_on(file: Path) -> None:
    files = SeenFiles()
    files.note_read(SeenFiles.look([file]))
    rewrite(file)
    wait_for_the_clock(file)
    files.note_read(SeenFiles.look([file]))
    assert files.trustworthy(long_after(file)) == {}


def test_a_file_written_to_after_it_was_read_is_not_relied_on(file: Path) -> None:
    files = SeenFiles()
    files.note_read(SeenFiles.look([file]))
    rewrite(file)
    assert files.trustworthy(long_after(file)) == {}


def test_what_was_known_stays_known_if_it_was_not_looked_at(file: Path) -> None:
    assert known(file).trustworthy(long_after(file)) == SeenFiles.look([file])
