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
from persona_assets.regular_files import open_regular

_OF_THE_DISK = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class RawFile:
    """An open raw file whose reads fail with its path, and end where it ended when it was opened.

    What is written to it meanwhile is not read: a program that keeps writing would never let a reader finish, and
    the stamp would not be that of what was read.
    """

    path: Path
    file: BinaryIO
    stamp: Stamp
    unread: int
    """Bytes between the last line read and the end."""

    @classmethod
    def of(cls, path: Path, file: BinaryIO) -> "RawFile":
        stamp = Stamp.of(os.fstat(file.fileno()))
        return cls(path, file, stamp, stamp.size_bytes)

    def readline(self, limit: int) -> bytes:
        with _naming(self.path):
            line = self.file.readline(min(limit, self.unread))
        self.unread -= len(line)
        return line

    def tell(self) -> int:
        return self.file.tell()

    def read_at(self, offset: int, size: int) -> bytes:
        with _naming(self.path):
            self.file.seek(offset)
            return self.file.read(size)

    def read(self) -> bytes:
        with _naming(self.path):
            return self.file.read(self.unread)


@contextmanager
def open_raw(path: Path, max_bytes: int, setting: str = "PERSONA_MAX_FILE_BYTES") -> Iterator[RawFile]:
    """Open a raw file for reading after checking that it is one and not too large.

    Raises:
        RawDataError: it is missing, unreadable, no regular file, or too large.
    """
    with _naming(path):
        file = open_regular(path)
    with file:
        raw = RawFile.of(path, file)
        if raw.unread > max_bytes:
            raise RawDataError(
                f"{path} has {raw.unread:,} bytes, more than the {max_bytes:,} allowed; "
                f"split it, or raise the setting {setting}"
            )
        yield raw


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unreadable(path, error) from error


def is_there(path: Path) -> bool:
    """Whether there is anything at ``path``, be it a link that leads nowhere.

    Raises:
        RawDataError: that cannot be told, because a folder on the way cannot be searched.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(path, error) from error
    return True


def unreadable(path: Path, error: OSError) -> RawDataError:
    """What ``error``, met on the way to the content of ``path``, means for a raw file."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        what = "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"
        return RawDataError(f"{path} {what}; put the raw file there")
    kind = UnreadableFileError if error.errno in _OF_THE_DISK else RawDataError
    return kind(f"{path} cannot be read: {error.strerror}; check the file, its disk and its permissions")
