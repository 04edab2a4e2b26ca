"""Opening raw files. One that is missing, not regular, too large or unreadable raises ``RawDataError``."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

from persona_assets.errors import RawDataError, UnreadableFileError
from persona_assets.raw.stamps import Stamp

_OF_THE_DISK = (errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN)
AT_ONCE = 2**20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass
class Allowance:
    """The bytes of content that may still be read of the files of a key together."""

    most: int
    setting: str
    used: int = 0

    def use(self, size: int, path: Path) -> None:
        """Count what was read.

        Raises:
            RawDataError: it is more than is allowed.
        """
        self.used += size
        if self.used > self.most:
            raise RawDataError(
                f"{path} holds more than the {self.most:,} bytes allowed, once decompressed; split it, or raise the "
                f"setting {self.setting}"
            ).about(path=path)


@dataclass
class RawFile:
    """An open raw file. Errors name its path, and reading stops where the file ended when it was opened.

    Anything appended later is not read: a program that keeps writing would never let a reader finish, and the stamp
    would not match the content.
    """

    name: str
    """What the layout calls it among the files of its key."""
    path: Path
    file: BinaryIO
    stamp: Stamp
    unread: int
    """Bytes between the last one read and the end."""
    allowance: Allowance
    byte_order_mark: bool = False
    carriage_returns: int = 0
    final_newline: bool = True
    """Whether the last line read had its line end (only in files of lines)."""
    passed_over: int = 0
    """Rows that belong to other keys."""
    rereadable: ClassVar[bool] = True
    """Whether ``read_at`` can read a part of it again."""
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    @classmethod
    def of(cls, name: str, path: Path, file: BinaryIO, allowance: Allowance) -> Self:
        stamp = Stamp.of(os.fstat(file.fileno()))
        return cls(name, path, file, stamp, stamp.size_bytes, allowance)

    def readline(self, limit: int) -> bytes:
        try:
            line = self.file.readline(min(limit, self.unread))
        except OSError as error:
            raise unreadable(self.path, error) from error
        return self._note(line)

    def read(self, size: int | None = None) -> bytes:
        """Read the next ``size`` bytes, or all that are left."""
        with naming_unreadable(self.path):
            content = self.file.read(self.unread if size is None else min(size, self.unread))
        return self._note(content)

    def read_at(self, offset: int, size: int) -> bytes:
        """Read part of the file again, after all of it has been read."""
        with naming_unreadable(self.path):
            self.file.seek(offset)
            return self.file.read(size)

    def sha256(self) -> str:
        """Hash the whole file, after reading whatever is left of it."""
        while self.read(AT_ONCE):
            continue
        return self._digest.hexdigest()

    def _note(self, content: bytes) -> bytes:
        self.unread -= len(content)
        self._digest.update(content)
        return content


@contextmanager
def naming_unreadable(path: Path) -> Iterator[None]:
    """Turn an error of the file system into one that says which raw file cannot be read, and why."""
    try:
        yield
    except OSError as error:
        raise unreadable(path, error) from error


def is_there(path: Path) -> bool:
    """Whether there is anything at ``path``, even a link that leads nowhere.

    Raises:
        RawDataError: there is no telling, because a folder on the way cannot be searched.
    """
    with naming_unreadable(path):
        return exists(path)


def exists(path: Path) -> bool:
    """Whether there is anything at ``path``, even a link that leads nowhere.

    Raises:
        OSError: there is no telling.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def unreadable(path: Path, error: OSError) -> RawDataError:
    """The error to raise for the raw file at ``path``, after ``error`` occurred on opening or reading it."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
        what = "is a symbolic link that leads nowhere" if path.is_symlink() else "does not exist"
        return RawDataError(f"{path} {what}; put the raw file there").about(path=path)
    kind = UnreadableFileError if error.errno in _OF_THE_DISK else RawDataError
    advice = "check the file, its disk and its permissions"
    return kind(f"{path} cannot be read: {error.strerror}; {advice}").about(path=path)
