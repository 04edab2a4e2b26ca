"""Listing folders of the raw root: what is in them, what cannot be read there, what their files look like."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path


@dataclass(frozen=True)
class UnfitFile:
    """A file or folder in the raw root that no partition key can stand for."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{ascii(str(self.path))[1:-1]}: {self.problem}"


@dataclass(frozen=True)
class Entry:
    """Something in a folder; what it is is asked of the disk only where that matters."""

    path: Path
    name: str
    is_folder: bool
    problem: str | None = None
    """Why it cannot be told what it is."""

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
    """A folder directly in the raw root, named like its model, and what is in it."""

    path: Path
    entries: Sequence[Entry]

    @property
    def model(self) -> str:
        return self.path.name


def entries_of(folder: Path, suffixes: tuple[str, ...], most: int | None = None) -> list[Entry]:
    """What is in ``folder``, sorted by name, except what is hidden and has none of ``suffixes``.

    Raises:
        OSError: ``folder`` cannot be listed.
    """
    with os.scandir(folder) as entries:
        shown = (Entry.of(entry) for entry in islice(entries, most) if not hidden(entry.name, suffixes))
        return sorted(shown, key=lambda entry: entry.name)


def names_in(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    """As ``entries_of``, but names only: a stat per file costs seconds on network disks."""
    return sorted(name for name in os.listdir(folder) if not hidden(name, suffixes))  # noqa: PTH208


def hidden(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether it is a file of the system or of a program, such as ``.DS_Store``, rather than data."""
    return name.startswith(".") and not name.endswith(suffixes)


def unlisted(folder: Path, error: OSError) -> UnfitFile:
    return UnfitFile(folder, f"cannot be listed: {error.strerror}; give permission to read it, or move it away")


def stamp_lines(folder: Path) -> Iterator[str]:
    """A line with name, size and time of everything in ``folder``, or one that says why it cannot be listed."""
    try:
        yield from _stamped(folder)
    except OSError as error:
        yield f"{folder}\0{error.strerror}\n"


def _stamped(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            try:
                status = entry.stat()
            except OSError:  # a link that leads nowhere, or where nobody may look
                status = entry.stat(follow_symlinks=False)
            yield f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}\n"


def finding_line(file: UnfitFile) -> str:
    """A finding in the fingerprint, which changes when it comes and when it goes."""
    return f"{file.path}\0{file.problem}\n"
