"""Swapping two names on one file system in a single system call, so that neither is ever missing."""

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
"""Error codes that mean the call is not supported: EINVAL on NFS, CIFS, CephFS and most of FUSE, ENOSYS on an old
kernel, EXDEV on overlay for a folder from a lower layer."""


def exchange(one: Path, other: Path) -> bool:
    """Swap the names of two files or folders. Returns False if the file system cannot do that.

    Raises:
        OSError: the file system supports it, but the call failed. Both keep their names.
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
