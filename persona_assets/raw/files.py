"""Opening raw files: what is no file, too large or unreadable becomes one kind of error."""

import errno
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from persona_assets.errors import RawDataError, UnreadableFileError
from persona_assets.raw.stamps import Stamp
from persona_assets.regular_files import open_regular

_OF_THE_DISK = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN)
_AT_ONCE = 2**20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class RawFile:
    """An open raw file whose reads fail with its path, and end where it ended when it was opened.

    What is written to it meanwhile is not read: a program that keeps writing would never let a reader finish, and
    the stamp would not be that of what was read.
    """

    name: str
    """What the layout calls it among the files of its key."""
    path: Path
    file: BinaryIO
    stamp: Stamp
    unread: int
    """Bytes between the last one read and the end."""
    byte_order_mark: bool = False
    carriage_returns: int = 0
    final_newline: bool = True
    """Of a file of lines: whether the last one read had its line end."""
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @classmethod
    def of(cls, name: str, path: Path, file: BinaryIO) -> "RawFile":
        stamp = Stamp.of(os.fstat(file.fileno()))
        return cls(name, path, file, stamp, stamp.size_bytes)

    def readline(self, limit: int) -> bytes:
        try:
            line = self.file.readline(min(limit, self.unread))
        except OSError as error:
            raise unreadable(self.path, error) from error
        return self._note(line)

    def read(self, size: int | None = None) -> bytes:
        """Read the next ``size`` bytes, or all that are left."""
        with _naming(self.path):
            content = self.file.read(self.unread if size is None else min(size, self.unread))
        return self._note(content)

    def read_at(self, offset: int, size: int) -> bytes:
        """Read a piece again, once all has been read."""
        with _naming(self.path):
            self.file.seek(offset)
            return self.file.read(size)

    def sha256(self) -> str:
        """The hash of the whole file; what no one has read is read now."""
        while self.read(_AT_ONCE):
            continue
        return self._digest.hexdigest()

    def _note(self, content: bytes) -> bytes:
        self.unread -= len(content)
        self._digest.update(content)
        return content


@contextmanager
def open_raw(paths: Mapping[str, Path], max_bytes: int, setting: str) -> Iterator[tuple[RawFile, ...]]:
    """Open the raw files of a key, by name, after checking that they are files and not too large together.

    Raises:
        RawDataError: one is missing, unreadable or no regular file; or they are too large.
    """
    with ExitStack() as opened:
        files = tuple(opened.enter_context(_open(name, path)) for name, path in paths.items())
        size = sum(file.unread for file in files)
        if size > max_bytes:
            raise RawDataError(
                f"{' and '.join(str(file.path) for file in files)} {'has' if len(files) == 1 else 'have'} {size:,} "
                f"bytes, more than the {max_bytes:,} allowed; split it, or raise the setting {setting}"
            ).about(path=files[0].path)
        yield files


@contextmanager
def _open(name: str, path: Path) -> Iterator[RawFile]:
    with _naming(path):
        file = open_regular(path)
    with file:
        yield RawFile.of(name, path, file)


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
    with _naming(path):
        return exists(path)


def exists(path: Path) -> bool:
    """Whether there is anything at ``path``, be it a link that leads nowhere.

    Raises:
        OSError: that cannot be told.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def unreadable(path: Path, error: OSError) -> RawDataError:
    """What ``error``, met on the way to the content of ``path``, means for a raw file."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        what = "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"
        return RawDataError(f"{path} {what}; put the raw file there").about(path=path)
    kind = UnreadableFileError if error.errno in _OF_THE_DISK else RawDataError
    advice = "check the file, its disk and its permissions"
    return kind(f"{path} cannot be read: {error.strerror}; {advice}").about(path=path)
