"""One writer per key: whoever makes, checks or removes the outputs of a key holds its lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from persona_assets.errors import BusyError, StorageError

PATIENCE_SECONDS = 900.0
"""A key takes seconds; who waits this long waits for a process that hangs."""


@contextmanager
def locked(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock that ``path`` stands for, waiting for another process to let it go.

    The operating system lets it go when its holder dies. The file itself is empty and stays.

    Raises:
        BusyError: another process has held it for ``patience_seconds``.
        StorageError: it cannot be made.
    """
    lock = filelock.FileLock(path, timeout=patience_seconds)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except filelock.Timeout as error:
        raise BusyError(
            f"{path} has been held by another process for {patience_seconds:.0f} s; "
            "wait for the run that works on this key, or end it"
        ) from error
    except OSError as error:
        raise StorageError(f"{path} cannot be locked: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
