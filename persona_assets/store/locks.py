"""One process at a time works on a key, so that its outputs always belong together."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file ``path``, waiting until no other process does.

    The kernel releases the lock when its holder ends, however it ends. The file stays: removing it
    would let two processes hold locks on two files of the same name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
