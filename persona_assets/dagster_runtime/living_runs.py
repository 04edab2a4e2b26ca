"""Telling whether the process of a run is alive: it holds a lock, which is released when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dagster._core.utils import make_new_run_id

from persona_assets.dagster_runtime.run_tags import tags_of
from persona_assets.errors import BusyError, StorageError
from persona_assets.store.locks import locked
from persona_assets.workspace import Workspace

_held: set[Path] = set()
"""Locks of this process. If a command runs a step itself, it already holds the lock of the run."""


@dataclass(frozen=True)
class OwnRun:
    """A run that this process is about to create and execute."""

    run_id: str
    tags: dict[str, str]


@contextmanager
def claim_run(workspace: Workspace) -> Iterator[OwnRun]:
    """Choose the id and the tags of a run. It counts as alive from before it exists until the block ends."""
    run_id = make_new_run_id()
    with holding_run_lock(run_id, workspace):
        yield OwnRun(run_id, tags_of(workspace))


@contextmanager
def holding_run_lock(run_id: str, workspace: Workspace) -> Iterator[None]:
    """Hold the lock that shows that the process of the run is alive."""
    path = workspace.run_lock(run_id)
    if path in _held:
        yield
        return
    with locked(path):
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
            path.unlink(missing_ok=True)


def is_alive(run_id: str, workspace: Workspace) -> bool:
    """Whether a process holds the lock of the run. If that cannot be determined, the run counts as alive."""
    path = workspace.run_lock(run_id)
    if not path.exists():
        return False
    try:
        with locked(path, patience_seconds=0):
            return False
    except (BusyError, StorageError):
        return True
