"""Exclusive use of the outputs of one key, or of the whole workspace, with any interrupted replacement undone."""

from collections.abc import Iterator
from contextlib import contextmanager

from persona_assets.store.journal import recover
from persona_assets.store.locks import PATIENCE_SECONDS, locked
from persona_assets.workspace import Ownership


@contextmanager
def owning(ownership: Ownership, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[bool]:
    """Hold the lock, after restoring what a killed owner had begun to replace. Yields whether there was anything.

    Raises:
        BusyError: another process has held it for ``patience_seconds``.
        StorageError: it cannot be locked, or an earlier version cannot be restored.
        InconsistentOutputError: the journal of the killed owner is damaged.
    """
    with locked(ownership.lock, patience_seconds):
        yield recover(ownership.journal)
