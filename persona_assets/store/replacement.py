"""Replacing several files and folders together: all of them, or on any error none.

Every new version is written beside its target under a hidden name (dataset names never start with a dot)
and flushed to disk. Only then do they take their targets' names, one rename each: a target's name stands
for the old version or the new one, never for neither and never for a mixture. An error on the way, a full
disk or a failing flush, puts back every target already replaced.

What this does not give: a process killed between two renames leaves some targets new and some old, each
of them whole; and a reader that opens by path more than once may open the old version first and then the
new: one that opens the files of a folder one after the other, or ``pyarrow.parquet.read_table(path)``,
which opens its file twice (given an open file it does not). What a killed process leaves besides is a
hidden ``.partial`` entry that no reader looks at.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from persona_assets.errors import StorageError
from persona_assets.store.content import Content, files_of
from persona_assets.store.exchange import exchange

PARTIAL_SUFFIX = ".partial"


@dataclass
class _Step:
    """One target on its way to its new version, or to nothing."""

    target: Path
    staged: Path
    folder: bool = False
    removal: bool = False
    inode: int = 0
    """Of what is to take its place: tells on which side of the renaming an error struck."""

    def flush(self) -> None:
        if not self.removal:
            for path in self.staged.rglob("*") if self.folder else ():
                _flush(path)
            _flush(self.staged)
        self.inode = (self.target if self.removal else self.staged).lstat().st_ino

    def take_place(self) -> None:
        if self.removal:
            self.target.rename(self.staged)
        elif not os.path.lexists(self.target):
            self.staged.rename(self.target)
        elif self.folder and not self.target.is_dir():
            raise StorageError(f"{self.target} is a file where a folder belongs; move it away")
        elif not self.folder and self.target.is_dir():
            raise IsADirectoryError(f"{self.target} is a folder where a file belongs; move it away")
        else:
            exchange(self.staged, self.target)

    def give_back(self) -> None:
        """Undo ``take_place``, if it happened."""
        there, aside = (self.staged, self.target) if self.removal else (self.target, self.staged)
        if not os.path.lexists(there) or there.lstat().st_ino != self.inode:
            return
        if os.path.lexists(aside):
            exchange(there, aside)
        else:
            there.rename(aside)


@dataclass
class Replacement:
    """The new versions of a set of targets, before they take their places."""

    _steps: dict[Path, _Step] = field(default_factory=dict)
    _at: Path | None = None
    """The target being worked on, to be named if that fails."""

    def file(self, target: Path) -> Path:
        """Where to write the file that will become ``target``."""
        return self._stage(_Step(target, _staged_name(target)))

    def folder(self, target: Path) -> Path:
        """Where to make the folder that will become ``target``."""
        return self._stage(_Step(target, _staged_name(target), folder=True))

    def remove(self, target: Path) -> bool:
        """Let ``target`` vanish, also if it was going to be written; say whether there is one now."""
        if step := self._steps.pop(target, None):
            _discard(step.staged)
        there = os.path.lexists(target)
        if there:
            self._stage(_Step(target, _staged_name(target), removal=True))
        return there

    def contents(self) -> dict[Path, Content]:
        """Every file written so far, by the path it will have."""
        written = [step for step in self._steps.values() if not step.removal]
        return {
            step.target / path.relative_to(step.staged): Content.of(path)
            for step in written
            for path in files_of(step.staged)
        }

    def _stage(self, step: _Step) -> Path:
        self._at = step.target
        if not step.removal:
            step.target.parent.mkdir(parents=True, exist_ok=True)
        self._steps[step.target] = step
        return step.staged

    def _commit(self) -> None:
        for step in self._steps.values():
            self._at = step.target
            step.flush()
        try:
            for step in self._steps.values():
                self._at = step.target
                step.take_place()
            for parent in {step.target.parent: None for step in self._steps.values()}:
                self._at = parent
                _flush(parent)
        except BaseException as error:
            self._give_back(error)
            raise

    def _give_back(self, cause: BaseException) -> None:
        stuck: list[str] = []
        for step in reversed(list(self._steps.values())):
            try:
                step.give_back()
            except OSError as error:
                del self._steps[step.target]
                stuck.append(f"{step.target} ({error.strerror}; its earlier version is {step.staged})")
        if stuck:
            raise StorageError(f"{self._at}: {cause}; what had been replaced by then cannot be put back: {stuck}")

    def _discard(self) -> None:
        """Remove what stands under the hidden names: old versions, or new ones that were not to be."""
        for step in self._steps.values():
            _discard(step.staged)


@contextmanager
def replacing() -> Iterator[Replacement]:
    """Collect new versions in the block; when it ends without an error, they all take their places.

    Raises:
        StorageError: a version cannot be written or take its place; the earlier versions are as they were.
            Or, and the message says so, all is in place but an old version cannot be removed.
    """
    replacement = Replacement()
    try:
        yield replacement
        replacement._commit()
    except BaseException as error:
        _clean_up_after(error, replacement)
        if isinstance(error, OSError):
            raise StorageError(
                f"{replacement._at} cannot be written: {error.strerror or error}; "
                "its earlier version, if any, is unchanged"
            ) from error
        raise
    try:
        replacement._discard()
    except OSError as error:
        raise StorageError(
            f"all new versions are in place, but {error.filename}, left of an earlier one, cannot be removed: "
            f"{error.strerror}; remove it by hand"
        ) from error


def _clean_up_after(error: BaseException, replacement: Replacement) -> None:
    try:
        replacement._discard()
    except OSError as leftover:
        error.add_note(f"{leftover.filename} cannot be removed: {leftover.strerror}; remove it by hand")


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes ``target`` when the block ends without an error."""
    with replacing() as replacement:
        yield replacement.file(target)


def _staged_name(target: Path) -> Path:
    return target.parent / f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}{PARTIAL_SUFFIX}"


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
