"""Opening raw files: what is no file, too large or unreadable becomes one kind of error."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from persona_assets.errors import RawDataError, UnreadableFileError
from persona_assets.raw.stamps import Stamp

_OF_THE_DISK = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class RawFile:
    """An open raw file whose reads fail with its path."""

    path: Path
    file: BinaryIO
    stamp: Stamp

    def readline(self, limit: int) -> bytes:
        with _naming(self.path):
            return self.file.readline(limit)

    def tell(self) -> int:
        return self.file.tell()

    def read_at(self, offset: int, size: int) -> bytes:
        with _naming(self.path):
            self.file.seek(offset)
            return self.file.read(size)

    def read(self) -> bytes:
        with _naming(self.path):
            return self.file.read()


@contextmanager
def open_raw(path: Path, max_bytes: int, setting: str = "PERSONA_MAX_FILE_BYTES") -> Iterator[RawFile]:
    """Open a raw file for reading after checking that it is one and not too large.

    Raises:
        RawDataError: it is missing, unreadable, no regular file, or too large.
    """
    with _naming(path):
        if not path.is_file():
            raise RawDataError(f"{path} {_what_is(path)}; put the raw file there")
        size = path.stat().st_size
        if size > max_bytes:
            raise RawDataError(
                f"{path} has {size:,} bytes, more than the {max_bytes:,} allowed; "
                f"split it, or raise the setting {setting}"
            )
        file = path.open("rb")
    with file:
        yield RawFile(path, file, Stamp.of(os.fstat(file.fileno())))


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = UnreadableFileError if error.errno in _OF_THE_DISK else RawDataError
        raise kind(f"{path} cannot be read: {error.strerror}; check the disk and its permissions") from error


def _what_is(path: Path) -> str:
    if path.is_dir():
        return "is a folder where a file should be"
    if path.exists():
        return "is no regular file"
    return "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"
