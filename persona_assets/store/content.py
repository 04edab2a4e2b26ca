"""Size and hash of a file: enough to tell whether its bytes have changed."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec

from persona_assets.regular_files import open_regular

CHUNK_BYTES = 2**18


class Content(msgspec.Struct, frozen=True):
    """Size and SHA-256 of one file."""

    size_bytes: Annotated[int, msgspec.Meta(ge=0)] = msgspec.field(name="bytes")
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


def list_files(path: Path) -> Iterator[Path]:
    """``path`` if it is a file, else every file below it, sorted by name."""
    if path.is_dir():
        yield from sorted(entry for entry in path.rglob("*") if not entry.is_dir())
    else:
        yield path
