"""Replacing a file or a folder in one step: its name stands for the old one or the new one, never for neither.

A reader that opens several files of a folder one after the other, by path, may open some of the old
version and some of the new; each of them is whole.

The new version is written beside the target under a hidden name (dataset names never start with a dot),
flushed to disk, and then takes the target's name. A folder that is already there is exchanged with the
new one by a single system call, so its name never stands for nothing. What a killed process leaves is
a hidden ``.partial`` entry that no reader looks at.
"""

import ctypes
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from persona_assets.errors import StorageError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes ``target`` when the block ends without an error."""
    with _staging(target) as staged:
        yield staged
        _flush(staged)
        os.replace(staged, target)  # noqa: PTH105 - the name of the guarantee: rename over the old file
        _flush(target.parent)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A path to make a folder at, which becomes ``target`` when the block ends without an error."""
    with _staging(target) as staged:
        yield staged
        for path in staged.rglob("*"):
            _flush(path)
        _flush(staged)
        if target.is_dir():
            _exchange(staged, target)
        elif os.path.lexists(target):
            raise StorageError(f"{target} is a file where a folder belongs; move it away")
        else:
            staged.rename(target)
        _flush(target.parent)


def remove(target: Path) -> bool:
    """Remove a file or folder so that its name vanishes in one step; say whether there was one."""
    if not os.path.lexists(target):
        return False
    with _staging(target) as staged:
        target.rename(staged)
    return True


@contextmanager
def _staging(target: Path) -> Iterator[Path]:
    staged = target.parent / f".{target.name}.{os.getpid()}-{secrets.token_hex(4)}.partial"
    with _refusing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield staged
        finally:
            _discard(staged)


@contextmanager
def _refusing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{target} cannot be written: {error.strerror or error}; its earlier version, if any, is unchanged"
        ) from error


def _discard(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _exchange(one: Path, other: Path) -> None:
    result = _exchange_call()(os.fsencode(one), os.fsencode(other))
    if result != 0:
        code = ctypes.get_errno()
        raise StorageError(
            f"{other} cannot be exchanged with its new version: {os.strerror(code)}; "
            "put the workspace on a local file system such as ext4, xfs, btrfs, tmpfs or APFS"
        )


def _exchange_call() -> Callable[[bytes, bytes], int]:
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        return lambda one, other: int(libc.renamex_np(one, other, _RENAME_SWAP))
    return lambda one, other: int(libc.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE))
