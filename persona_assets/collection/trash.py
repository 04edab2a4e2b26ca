"""The trash: outputs of retired keys, which can be restored until they are removed for good."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from persona_assets.collection.outputs import list_entries, list_outputs_on_disk
from persona_assets.errors import InvalidNameError, MissingInputError, StorageError
from persona_assets.keys import DatasetKey
from persona_assets.store.moving import discard
from persona_assets.store.ownership import owning
from persona_assets.store.replacement import replacing
from persona_assets.suggestions import KEYS_ALIKE, suggest
from persona_assets.workspace import Workspace

_TIME = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"(?P<time>\d{8}T\d{6}\.\d{6}Z)__(?P<key>.+)")


@dataclass(frozen=True)
class _Trash:
    """What one retirement moved to the trash."""

    folder: Path
    key: DatasetKey
    retired: datetime


def make_trash_folder(workspace: Workspace, key: DatasetKey) -> Path:
    """Make the folder for the outputs of ``key``, which keep their paths relative to the workspace in it."""
    folder = workspace.trash / f"{datetime.now(UTC).strftime(_TIME)}__{key}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}; nothing was removed") from error
    return folder


def restore(workspace: Workspace, key: DatasetKey) -> int:
    """Restore the outputs of ``key`` from its last retirement, in one step. Return their number.

    Raises:
        MissingInputError: the trash has nothing of this key.
        StorageError: the key has new outputs, which would be overwritten; or an output cannot be moved, and nothing
            has changed.
    """
    ownership = workspace.ownership(key)
    with owning(ownership):
        retired = list(_find_trash(workspace))
        mine = [trash for trash in retired if trash.key == key]
        if not mine:
            meant = suggest(str(key), {str(trash.key) for trash in retired}, KEYS_ALIKE)
            raise MissingInputError(f"{workspace.trash} has nothing of {key}{meant}")
        if list_outputs_on_disk(workspace).get(key):
            raise StorageError(f"{key} has new outputs; move them away before restoring the retired ones")
        last = max(mine, key=lambda trash: trash.retired)
        paths = list_outputs_on_disk(Workspace(last.folder, workspace.raw_root)).get(key, [])
        with replacing(ownership.journal) as replacement:
            for path in paths:
                replacement.move(path, workspace.root / path.relative_to(last.folder))
        discard(last.folder)
    return len(paths)


def empty_trash(workspace: Workspace, days: int) -> list[DatasetKey]:
    """Remove for good what was retired more than ``days`` ago. Return the keys."""
    limit = datetime.now(UTC) - timedelta(days=days)
    old = [trash for trash in _find_trash(workspace) if trash.retired < limit]
    for trash in old:
        with owning(workspace.ownership(trash.key)):
            try:
                discard(trash.folder)
            except OSError as error:
                raise StorageError(
                    f"{trash.folder} cannot be removed: {error.strerror}; remove it by hand"
                ) from error
    return [trash.key for trash in old]


def _find_trash(workspace: Workspace) -> Iterator[_Trash]:
    """Find the folders in the trash with exactly the names that ``make_trash_folder`` gives."""
    for entry in list_entries(workspace.trash):
        match = _NAME.fullmatch(entry.name)
        if not match or not entry.is_dir(follow_symlinks=False):
            continue
        try:
            retired = datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC)
            yield _Trash(Path(entry.path), DatasetKey.parse(match["key"]), retired)
        except (ValueError, InvalidNameError):
            continue
