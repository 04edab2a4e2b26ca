"""Listing folders of the raw root: their entries, the findings about them, and the stamps of their files."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path


@dataclass(frozen=True)
class UnfitFile:
    """A file or folder in the raw root that cannot become a partition, and why."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{ascii(str(self.path))[1:-1]}: {self.problem}"


@dataclass(frozen=True)
class Entry:
    """An entry of a folder. Only links are looked up on disk to find out whether it is a folder."""

    path: Path
    name: str
    is_folder: bool
    problem: str | None = None
    """Why it cannot be used, if it is a link that leads nowhere or cannot be examined."""

    @classmethod
    def of(cls, entry: "os.DirEntry[str]") -> "Entry":
        path = Path(entry.path)
        try:
            is_folder = entry.is_dir()
            lost = not is_folder and entry.is_symlink() and not path.exists()
        except OSError as error:
            return cls(path, entry.name, is_folder=False, problem=f"cannot be looked at: {error.strerror}")
        return cls(path, entry.name, is_folder, "is a symbolic link that leads nowhere" if lost else None)

    def ends_with(self, suffixes: tuple[str, ...]) -> bool:
        return self.name.lower().endswith(suffixes)


@dataclass(frozen=True)
class ModelFolder:
    """A folder directly in the raw root, which is named after its model, and what is in it."""

    path: Path
    entries: Sequence[Entry]

    @property
    def model(self) -> str:
        return self.path.name


def entries_of(folder: Path, suffixes: tuple[str, ...], most: int | None = None) -> list[Entry]:
    """List ``folder`` by name, but at most ``most`` entries. Hidden ones must end in one of ``suffixes``.

    Raises:
        OSError: ``folder`` cannot be listed.
    """
    with os.scandir(folder) as entries:
        shown = (Entry.of(entry) for entry in islice(entries, most) if not hidden(entry.name, suffixes))
        return sorted(shown, key=lambda entry: entry.name)


def names_in(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    """Like ``entries_of``, but names only: a stat per file costs seconds on network disks."""
    return sorted(name for name in os.listdir(folder) if not hidden(name, suffixes))  # noqa: PTH208


def hidden(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether ``name`` belongs to the system or a program, like ``.DS_Store``, rather than to data."""
    return name.startswith(".") and not name.endswith(suffixes)


def unlisted(folder: Path, error: OSError) -> UnfitFile:
    return UnfitFile(folder, f"cannot be listed: {error.strerror}; give permission to read it, or move it away")


def stamp_lines(folder: Path, ignored: Callable[[str], object] | None = None) -> Iterator[str]:
    """Yield a line with name, size and time of each entry of ``folder``, or one that says why it cannot be listed.

    Args:
        ignored: tells by their names which entries are no part of the data.
    """
    try:
        yield from _stamped(folder, ignored)
    except OSError as error:
        yield f"{folder}\0{error.strerror}\n"


def _stamped(folder: Path, ignored: Callable[[str], object] | None) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if ignored and ignored(entry.name):
                continue
            try:
                status = entry.stat()
            except OSError:  # a link that leads nowhere, or whose target may not be examined
                status = entry.stat(follow_symlinks=False)
            yield f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n"


def finding_line(file: UnfitFile) -> str:
    """The line for a finding in the fingerprint, so that it changes when one appears or disappears."""
    return f"{file.path}\0{file.problem}\n"
