"""What a killed process leaves under hidden names, and its removal by the next run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from persona_assets.corpus.outputs import key_of
from persona_assets.errors import BusyError, StorageError
from persona_assets.store.locks import locked
from persona_assets.store.replacement import PARTIAL_SUFFIX
from persona_assets.workspace import Workspace


def find_leftovers(workspace: Workspace) -> list[Path]:
    """Hidden entries of output folders: of a process that was killed, or that is at work just now."""
    folders = (workspace.root, *workspace.output_folders)
    return sorted(path for folder in folders for path in _partial_entries(folder))


def remove_leftovers(workspace: Workspace) -> list[Path]:
    """Remove what no living process works on, and say what that was.

    Whoever writes outputs of a key holds its lock; an entry of a key whose lock is held stays.

    Raises:
        StorageError: an entry cannot be removed.
    """
    return [path for path in find_leftovers(workspace) if _remove_if_abandoned(workspace, path)]


def _partial_entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.name.endswith(PARTIAL_SUFFIX))


def _remove_if_abandoned(workspace: Workspace, path: Path) -> bool:
    target = path.name.removeprefix(".").removesuffix(PARTIAL_SUFFIX).rpartition(".")[0]
    key = key_of(target)
    try:
        with locked(workspace.lock(key) if key else workspace.corpus_lock, patience_seconds=0):
            _remove(path)
    except BusyError:
        return False
    return True


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path}, left by a killed process, cannot be removed: {error.strerror}") from error
