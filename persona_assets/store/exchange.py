"""Exchanging two names of one file system in a single system call, so that neither ever stands for nothing."""

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
_UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.EXDEV, errno.ENOTSUP, errno.EOPNOTSUPP)
"""What file systems without the call answer: NFS, CIFS, CephFS and most of FUSE EINVAL, an old kernel ENOSYS, overlay
EXDEV for a folder of a lower layer."""


def exchange(one: Path, other: Path) -> bool:
    """Let ``one`` and ``other``, files or folders, take each other's name; False if the file system cannot do that.

    Raises:
        OSError: it can, and failed; they keep their names.
    """
    result = _exchange_call()(os.fsencode(one), os.fsencode(other))
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _exchange_call() -> Callable[[bytes, bytes], int]:
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        return lambda one, other: int(libc.renamex_np(one, other, _RENAME_SWAP))
    return lambda one, other: int(libc.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))
