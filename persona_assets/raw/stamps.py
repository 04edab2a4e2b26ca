"""Telling a changed raw file without reading it."""

import os
from pathlib import Path

import msgspec


class Stamp(msgspec.Struct, frozen=True):
    """Size and time of the last change: a file with the same stamp is taken to be the same.

    What a key is made of is decided by content; a stamp only spares reading what did not change.
    """

    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        return cls(status.st_size, status.st_mtime_ns)

    @classmethod
    def seen_at(cls, path: Path) -> "Stamp | None":
        """Of what ``path`` leads to; of the link itself if it leads nowhere; None if not even that can be seen."""
        for look in (os.stat, os.lstat):
            try:
                return cls.of(look(path))
            except OSError:
                continue
        return None
