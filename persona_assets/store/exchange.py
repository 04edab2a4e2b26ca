"""Exchanging two names of one file system in a single system call, so that neither ever stands for nothing."""

import ctypes
import os
import sys
from collections.abc import Callable
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2


def exchange(one: Path, other: Path) -> None:
    """Let ``one`` and ``other``, files or folders, take each other's name.

    Raises:
        OSError: they keep their names; the file system may not know how to exchange two.
    """
    result = _exchange_call()(os.fsencode(one), os.fsencode(other))
    if result != 0:
        code = ctypes.get_errno()
        advice = "put the workspace on a local file system such as ext4, xfs, btrfs, tmpfs or APFS"
        raise OSError(code, f"it cannot be exchanged with its new version, {os.strerror(code)}; {advice}")


def _exchange_call() -> Callable[[bytes, bytes], int]:
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        return lambda one, other: int(libc.renamex_np(one, other, _RENAME_SWAP))
    return lambda one, other: int(libc.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))
