"""Replacing several files and folders together: all of them, or none if there is an error.

Every new version is written beside its target under a hidden name and flushed to disk. Only then are the new versions
renamed to their targets.

* A file is replaced by one rename on every file system. A reader finds the old version or the new one.
* A folder is replaced in the same way where the file system can swap two names (ext4, xfs, btrfs, tmpfs, APFS).
* On other file systems (NFS, CIFS, CephFS, most of FUSE) a folder takes two renames. A reader that opens it between
  the two does not find it.

If a step fails (a full disk or a failed flush, for example), the previous versions are restored. If the process is
killed during the renames, some targets are new and some old, each complete; on those other file systems one folder
may be missing. The next run finds the journal and restores the earlier versions (see ``journal``).

Limits: a reader that opens paths more than once may get the old version first and then the new one. This concerns
readers that open the files of a folder one after the other, and ``pyarrow.parquet.read_table(path)``, which opens its
file twice unless it is given an open file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from persona_assets.errors import StorageError
from persona_assets.store.content import Content, list_files
from persona_assets.store.hidden_names import make_token
from persona_assets.store.journal import remove_journal, write_journal
from persona_assets.store.moving import flush
from persona_assets.store.steps import Action, Step


@dataclass
class Replacement:
    """The new versions of a set of targets, before they are moved into place."""

    _journal: Path | None = None
    _token: str = field(default_factory=make_token)
    _steps: dict[Path, Step] = field(default_factory=dict)
    _at: Path | None = None
    """The target being worked on, for the message if that fails."""

    def file(self, target: Path) -> Path:
        """Where to write the file that will become ``target``."""
        return self._stage(Step(target, self._token, Action.FILE))

    def folder(self, target: Path) -> Path:
        """Where to make the folder that will become ``target``."""
        return self._stage(Step(target, self._token, Action.FOLDER))

    def remove(self, target: Path) -> bool:
        """Remove ``target``, even if a new version was going to be written. Returns whether it exists now."""
        if step := self._steps.pop(target, None):
            step.discard()
        there = target.is_symlink() or target.exists()
        if there:
            self._stage(Step(target, self._token, Action.REMOVE))
        return there

    def move(self, target: Path, destination: Path) -> None:
        """Move ``target`` to ``destination``, which must not exist yet, on the same file system."""
        destination.parent.mkdir(parents=True, exist_ok=True)
        self._stage(Step(target, self._token, Action.MOVE, destination))

    def contents(self) -> dict[Path, Content]:
        """Read size and hash of every file written so far, by the path it will have."""
        written = [step for step in self._steps.values() if step.brings_a_version]
        return {
            step.target / path.relative_to(step.staged): Content.of(path)
            for step in written
            for path in list_files(step.staged)
        }

    def _stage(self, step: Step) -> Path:
        self._at = step.target
        if step.brings_a_version:
            step.target.parent.mkdir(parents=True, exist_ok=True)
        self._steps[step.target] = step
        return step.staged

    def _commit(self) -> None:
        steps = list(self._steps.values())
        for step in steps:
            self._at = step.target
            step.prepare()
        try:
            if self._journal and steps:
                self._at = self._journal
                write_journal(self._journal, steps)
            for step in steps:
                self._at = step.target
                step.take_place()
            for parent in {step.target.parent: None for step in steps}:
                self._at = parent
                flush(parent)
            self._at = self._journal
            self._forget_journal()
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
                stuck.append(f"{step.target} ({error.strerror}; {step.earlier_version})")
        if stuck:
            raise StorageError(
                f"{self._at}: {cause}; these targets were already replaced and cannot be restored now, the next run "
                f"tries again: {stuck}"
            )
        self._forget_journal()

    def _forget_journal(self) -> None:
        if self._journal:
            remove_journal(self._journal)

    def _discard(self) -> None:
        """Remove everything under hidden names: earlier versions, or new versions that are not needed."""
        for step in self._steps.values():
            step.discard()


@contextmanager
def replacing(journal: Path) -> Iterator[Replacement]:
    """Collect new versions in the block, and move them all into place if it ends without an error.

    ``journal`` is where the steps are recorded. The caller must hold the lock that belongs to it, and must have
    recovered from an earlier journal; ``ownership.owning`` does both.

    Raises:
        StorageError: a version cannot be written or moved into place, and the earlier versions are unchanged.
            Or all are in place but an old version cannot be removed; the message says which.
    """
    with _committing(Replacement(journal)) as replacement:
        yield replacement


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Give a path to write to, which becomes ``target`` if the block ends without an error."""
    with _committing(Replacement()) as replacement:
        yield replacement.file(target)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to write to, which becomes ``target`` if the block ends without an error."""
    with _committing(Replacement()) as replacement:
        folder = replacement.folder(target)
        folder.mkdir()
        yield folder


@contextmanager
def _committing(replacement: Replacement) -> Iterator[Replacement]:
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
            f"all new versions are in place, but {error.filename}, part of an earlier version, cannot be removed: "
            f"{error.strerror}; remove it by hand"
        ) from error


def _clean_up_after(error: BaseException, replacement: Replacement) -> None:
    try:
        replacement._discard()
    except OSError as leftover:
        error.add_note(f"{leftover.filename} cannot be removed: {leftover.strerror}; remove it by hand")
