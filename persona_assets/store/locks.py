"""One writer per key: a process that makes, checks or removes the outputs of a key holds its lock."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from persona_assets.errors import BusyError, StorageError

PATIENCE_SECONDS = 900.0
"""A key takes seconds, so a lock held for this long belongs to a process that hangs."""
_MAY_NOT_WRITE = (errno.EROFS, errno.EACCES, errno.EPERM)


@contextmanager
def locked(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock at ``path``, after waiting for any other process to release it.

    The operating system releases it when its holder dies. The file itself is empty and stays.

    Raises:
        BusyError: another process has held it for ``patience_seconds``.
        StorageError: the lock file cannot be created.
    """
    try:
        lock = _acquire(path, patience_seconds)
    except OSError as error:
        raise _cannot_be_locked(path, error) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def locked_to_read(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock so that nothing changes while it is read. Where this process may not write, such as on a
    read-only mount or in somebody else's workspace, read without it.

    Raises:
        BusyError: another process has held it for ``patience_seconds``.
        StorageError: the lock file cannot be created for any other reason.
    """
    try:
        lock = _acquire(path, patience_seconds)
    except OSError as error:
        if error.errno not in _MAY_NOT_WRITE:
            raise _cannot_be_locked(path, error) from error
        lock = None
    try:
        yield
    finally:
        if lock:
            lock.release()


def is_held(path: str) -> bool:
    """Whether a process holds the lock at ``path`` now. False for a file that this process may not look at."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _acquire(path: Path, patience_seconds: float) -> filelock.BaseFileLock:
    lock = filelock.FileLock(path, timeout=patience_seconds)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise BusyError(
            f"{path} has been held by another process for {patience_seconds:.0f} s; "
            "wait for the run that is using this key, or end it"
        ) from error
    return lock


def _cannot_be_locked(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path} cannot be locked: {error.strerror or error}")
