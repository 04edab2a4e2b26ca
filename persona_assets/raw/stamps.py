"""Telling a changed raw file without reading it."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stamp:
    """Size and time of the last change: a file with the same stamp is taken to be the same.

    What a key is made of is decided by content; a stamp only spares reading what did not change.
    """

    size_bytes: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        return cls(status.st_size, status.st_mtime_ns)

    @classmethod
    def of_path(cls, path: Path) -> "Stamp | None":
        """None if there is nothing at ``path``."""
        try:
            return cls.of(path.stat())
        except FileNotFoundError:
            return None

    def record(self) -> dict[str, Any]:
        return asdict(self)
