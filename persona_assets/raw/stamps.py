"""Noticing that a raw file has changed without reading it."""

import os
from pathlib import Path

import msgspec


class Stamp(msgspec.Struct, frozen=True):
    """Size and time of the last change: a file with the same stamp is taken to be the same.

    Outputs depend only on the content of raw files; stamps merely save reading unchanged files again.
    """

    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        return cls(status.st_size, status.st_mtime_ns)

    @classmethod
    def seen_at(cls, path: Path) -> "Stamp | None":
        """The stamp of the file at ``path``, or of the link itself if it leads nowhere; None if it cannot be seen."""
        for look in (os.stat, os.lstat):
            try:
                return cls.of(look(path))
            except OSError:
                continue
        return None
