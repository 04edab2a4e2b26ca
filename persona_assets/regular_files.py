"""Opening regular files and nothing else, which never blocks and always ends.

A named pipe keeps whoever opens it waiting for a writer, and a device such as ``/dev/zero`` never ends. Both may
stand, by accident or behind a link, wherever this package reads a file by its name.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_KINDS = (
    (stat.S_ISDIR, "folder"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file, or a link to one, for reading.

    Raises:
        OSError: it cannot be opened, or is something else; ``strerror`` says what.
    """
    check_regular(path)  # opening a device may already do something to it
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb")
    try:
        refuse_non_regular(path, os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def read_regular(path: Path, most_bytes: int) -> bytes:
    """Read a regular file as long as it was when it was opened.

    Raises:
        OSError: as ``open_regular``, or it has more than ``most_bytes``.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most_bytes:
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, more than the {most_bytes:,} allowed", str(path))
        return file.read(size)


def check_regular(path: Path) -> None:
    """Refuse what a library must not be made to open by its name.

    Raises:
        OSError: there is nothing at ``path`` or no regular file; ``strerror`` says what.
    """
    refuse_non_regular(path, path.stat())


def check_regular_in(folder: Path) -> None:
    """``check_regular`` of everything directly in ``folder`` that is no folder itself."""
    for path in folder.iterdir():
        status = path.stat()
        if not stat.S_ISDIR(status.st_mode):
            refuse_non_regular(path, status)


def refuse_non_regular(path: Path, status: os.stat_result) -> None:
    """Raise an ``OSError`` if ``status``, of ``path``, is not that of a regular file."""
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "special file")
        code = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
        raise OSError(code, f"it is a {kind}, not a regular file", str(path))
