"""Size and hash of a file: enough to tell whether its bytes have changed."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.regular_files import open_regular

CHUNK_BYTES = 2**18


@dataclass(frozen=True)
class Content:
    """Size and SHA-256 of one file."""

    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "Content":
        """Read a file up to the length it had when it was opened.

        Raises:
            OSError: it cannot be read, or is not a regular file.
        """
        digest = hashlib.sha256()
        with open_regular(path) as file:
            size = left = os.fstat(file.fileno()).st_size
            while left and (read := file.read(min(left, CHUNK_BYTES))):
                digest.update(read)
                left -= len(read)
        return cls(size - left, digest.hexdigest())

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Content":
        return cls(record["bytes"], record["sha256"])

    def record(self) -> dict[str, Any]:
        return {"bytes": self.size_bytes, "sha256": self.sha256}


def list_files(path: Path) -> Iterator[Path]:
    """``path`` if it is a file, else every file below it, sorted by name."""
    if path.is_dir():
        yield from sorted(entry for entry in path.rglob("*") if not entry.is_dir())
    else:
        yield path
