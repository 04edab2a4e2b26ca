"""Knowing from a file's status alone that nobody has written to it."""

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from persona_assets.store.content import Content


class FileStamp(msgspec.Struct, frozen=True, array_like=True):
    """Size and times of a file or folder. No program can set the time of change, only the file system."""

    size_bytes: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileStamp":
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @classmethod
    def seen_at(cls, path: str) -> "FileStamp | None":
        """None if there is nothing at ``path``, or it cannot be seen."""
        try:
            return cls.of(os.stat(path))  # noqa: PTH116 - tens of thousands of these
        except OSError:
            return None


@dataclass
class SeenFiles:
    """Files whose content was established earlier, by reading or writing them, and those established by now."""

    known: Mapping[str, FileStamp] = field(default_factory=dict)
    """By path. Whatever has another stamp today is read again."""
    may_read: bool = True
    """If False, a file whose stamp is not known counts as changed."""
    seen: dict[str, FileStamp] = field(default_factory=dict)
    doubted: set[str] = field(default_factory=set)
    """Files that were written to between two readings."""

    def knows(self, path: Path | str) -> bool:
        """Whether the file is as it was, by its stamp."""
        stamp = FileStamp.seen_at(str(path))
        if stamp is None or self.known.get(str(path)) != stamp:
            return False
        self.note_read({str(path): stamp})
        return True

    def know_all(self, paths: Collection[Path]) -> bool:
        return all(self.knows(path) for path in paths)

    def holds(self, path: Path | str, content: Content) -> bool:
        """Whether the file at ``path`` has ``content``: by its stamp, or by reading it.

        Raises:
            OSError: it cannot be read.
        """
        if self.knows(path):
            return True
        before = self.look([path])
        if not self.may_read or Content.of(Path(path)) != content:
            return False
        self.note_read(before)
        return True

    def note_read(self, stamps: Mapping[str, FileStamp]) -> None:
        """Note the stamps that files had before they were read."""
        for path, stamp in stamps.items():
            if self.seen.setdefault(path, stamp) != stamp:
                self.doubted.add(path)

    def note_written(self, paths: Iterable[Path]) -> None:
        """Note files that were just written."""
        self.seen |= self.look(paths)

    @staticmethod
    def look(paths: Iterable[Path | str]) -> dict[str, FileStamp]:
        """The stamps of those that are there, to be noted once their content is established."""
        stamps = {str(path): FileStamp.seen_at(str(path)) for path in paths}
        return {path: stamp for path, stamp in stamps.items() if stamp}

    def trustworthy(self, now_ns: int) -> dict[str, FileStamp]:
        """What may be relied on without reading: stamps that still hold, and are older than ``now_ns``.

        ``now_ns`` is the file system's own time, taken before this call. A file that was written at that time could
        be written again and keep its stamp, because clocks of file systems tick coarsely.
        """
        stamps = {**self.known, **self.seen}
        return {
            path: stamp
            for path, stamp in stamps.items()
            if path not in self.doubted and stamp.changed_ns < now_ns and stamp == FileStamp.seen_at(path)
        }
