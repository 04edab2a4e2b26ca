"""The trash: outputs of retired keys, to be given back or, after a time, to be removed for good."""

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
from persona_assets.workspace import Workspace

_TIME = "%Y%m%dT%H%M%S.%fZ"
_NAME = re.compile(r"(?P<time>\d{8}T\d{6}\.\d{6}Z)__(?P<key>.+)")


@dataclass(frozen=True)
class _Trash:
    """What one retirement moved away."""

    folder: Path
    key: DatasetKey
    retired: datetime


def new_trash_folder(workspace: Workspace, key: DatasetKey) -> Path:
    """Make the folder that takes the outputs of ``key``, at their paths in the workspace."""
    folder = workspace.trash / f"{datetime.now(UTC).strftime(_TIME)}__{key}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}; nothing was removed") from error
    return folder


def restore(workspace: Workspace, key: DatasetKey) -> int:
    """Give ``key`` back what its last retirement moved away, in one step; return how many outputs that were.

    Raises:
        MissingInputError: the trash holds nothing of it.
        StorageError: it has outputs, which would be overwritten; or something cannot be moved, and all is as it was.
    """
    ownership = workspace.ownership(key)
    with owning(ownership):
        mine = [one for one in _trash(workspace) if one.key == key]
        if not mine:
            raise MissingInputError(f"{workspace.trash} holds nothing of {key}")
        if list_outputs_on_disk(workspace).get(key):
            raise StorageError(f"{key} has outputs again; move those away before the retired ones are given back")
        last = max(mine, key=lambda one: one.retired)
        paths = list_outputs_on_disk(Workspace(last.folder, workspace.raw_root)).get(key, [])
        with replacing(ownership.journal) as replacement:
            for path in paths:
                replacement.move(path, workspace.root / path.relative_to(last.folder))
        discard(last.folder)
    return len(paths)


def empty_trash(workspace: Workspace, days: int) -> list[DatasetKey]:
    """Remove for good what was retired more than ``days`` ago; return the keys concerned."""
    limit = datetime.now(UTC) - timedelta(days=days)
    old = [one for one in _trash(workspace) if one.retired < limit]
    for one in old:
        with owning(workspace.ownership(one.key)):
            try:
                discard(one.folder)
            except OSError as error:
                raise StorageError(f"{one.folder} cannot be removed: {error.strerror}; remove it by hand") from error
    return [one.key for one in old]


def _trash(workspace: Workspace) -> Iterator[_Trash]:
    """Only folders whose names are exactly those given here."""
    for entry in list_entries(workspace.trash):
        match = _NAME.fullmatch(entry.name)
        if not match or not entry.is_dir(follow_symlinks=False):
            continue
        try:
            retired = datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC)
            yield _Trash(Path(entry.path), DatasetKey.parse(match["key"]), retired)
        except (ValueError, InvalidNameError):
            continue
