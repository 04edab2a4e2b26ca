"""Replacing several files and folders together: all of them, or on any error none.

Every new version is written beside its target under a hidden name and flushed to disk. Only then do they take
their targets' names. A file does so in one rename, on every file system: its name stands for the old version or the
new one, never for neither and never for a mixture. So does a folder where the file system can exchange two names
(ext4, xfs, btrfs, tmpfs, APFS). On others (NFS, CIFS, CephFS, most of FUSE) its name stands for nothing between two
renames: whoever opens the folder in that instant does not find it. An error on the way, a full disk or a failing
flush, puts back every target already replaced. After a process was killed amid the renames, some targets are new and
some old, each of them whole, and on those other file systems one folder may be missing; the journal tells the next
run, which puts back the earlier versions (see ``journal``).

What this does not give: a reader that opens by path more than once may open the old version first and then the
new: one that opens the files of a folder one after the other, or ``pyarrow.parquet.read_table(path)``, which opens
its file twice (given an open file it does not).
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
    """The new versions of a set of targets, before they take their places."""

    _journal: Path | None = None
    _token: str = field(default_factory=make_token)
    _steps: dict[Path, Step] = field(default_factory=dict)
    _at: Path | None = None
    """The target being worked on, to be named if that fails."""

    def file(self, target: Path) -> Path:
        """Where to write the file that will become ``target``."""
        return self._stage(Step(target, self._token, Action.FILE))

    def folder(self, target: Path) -> Path:
        """Where to make the folder that will become ``target``."""
        return self._stage(Step(target, self._token, Action.FOLDER))

    def remove(self, target: Path) -> bool:
        """Let ``target`` vanish, also if it was going to be written; say whether there is one now."""
        if step := self._steps.pop(target, None):
            step.discard()
        there = target.is_symlink() or target.exists()
        if there:
            self._stage(Step(target, self._token, Action.REMOVE))
        return there

    def move(self, target: Path, destination: Path) -> None:
        """Let ``target`` go to ``destination``, where nothing is yet, on the same file system."""
        destination.parent.mkdir(parents=True, exist_ok=True)
        self._stage(Step(target, self._token, Action.MOVE, destination))

    def contents(self) -> dict[Path, Content]:
        """Every file written so far, by the path it will have."""
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
                f"{self._at}: {cause}; what had been replaced by then cannot be put back now, the next run tries "
                f"again: {stuck}"
            )
        self._forget_journal()

    def _forget_journal(self) -> None:
        if self._journal:
            remove_journal(self._journal)

    def _discard(self) -> None:
        """Remove what stands under hidden names: earlier versions, or new ones that were not to be."""
        for step in self._steps.values():
            step.discard()


@contextmanager
def replacing(journal: Path) -> Iterator[Replacement]:
    """Collect new versions in the block; when it ends without an error, they all take their places.

    ``journal`` is where to write down what is under way. Who calls holds the lock that goes with it, and has
    recovered from an earlier one; both is what ``ownership.owning`` does.

    Raises:
        StorageError: a version cannot be written or take its place; the earlier versions are as they were.
            Or, and the message says so, all is in place but an old version cannot be removed.
    """
    with _committing(Replacement(journal)) as replacement:
        yield replacement


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes ``target`` when the block ends without an error."""
    with _committing(Replacement()) as replacement:
        yield replacement.file(target)


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
            f"all new versions are in place, but {error.filename}, left of an earlier one, cannot be removed: "
            f"{error.strerror}; remove it by hand"
        ) from error


def _clean_up_after(error: BaseException, replacement: Replacement) -> None:
    try:
        replacement._discard()
    except OSError as leftover:
        error.add_note(f"{leftover.filename} cannot be removed: {leftover.strerror}; remove it by hand")
