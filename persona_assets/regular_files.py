"""Opening regular files only, so that reading never blocks and always ends.

Opening a named pipe blocks until there is a writer, and reading a device such as ``/dev/zero`` never ends. Either may
be found, by accident or behind a link, wherever this package reads a file.
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
        OSError: it cannot be opened, or is not a regular file; ``strerror`` says what it is.
    """
    check_regular(path)  # opening a device may already change its state
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb")
    try:
        refuse_non_regular(path, os.fstat(file.fileno()))
    except OSError:
        file.close()
        raise
    return file


def read_regular(path: Path, most_bytes: int) -> bytes:
    """Read a regular file up to the length it had when it was opened.

    Raises:
        OSError: as for ``open_regular``, or it has more than ``most_bytes``.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most_bytes:
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, more than the {most_bytes:,} allowed", str(path))
        return file.read(size)


def check_regular(path: Path) -> None:
    """Check a file before a library opens it by its name.

    Raises:
        OSError: ``path`` does not exist or is not a regular file; ``strerror`` says what it is.
    """
    refuse_non_regular(path, path.stat())


def check_regular_in(folder: Path) -> None:
    """Check everything directly in ``folder``, except folders and what is removed meanwhile."""
    for path in folder.iterdir():
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(status.st_mode):
            refuse_non_regular(path, status)


def refuse_non_regular(path: Path, status: os.stat_result) -> None:
    """Raise an ``OSError`` if ``status``, the status of ``path``, is not that of a regular file."""
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "special file")
        code = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
        raise OSError(code, f"it is a {kind}, not a regular file", str(path))
