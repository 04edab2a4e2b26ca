"""What a file holds, in two numbers that prove it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Content:
    """Size and SHA-256 of one file."""

    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "Content":
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return cls(file.tell(), digest.hexdigest())

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Content":
        return cls(record["bytes"], record["sha256"])

    def record(self) -> dict[str, Any]:
        return {"bytes": self.size_bytes, "sha256": self.sha256}


def files_of(path: Path) -> Iterator[Path]:
    """``path`` if it is a file, else every file below it, in order of their names."""
    if path.is_dir():
        yield from sorted(entry for entry in path.rglob("*") if not entry.is_dir())
    else:
        yield path
