"""How the outputs of a key were shown when they were made, kept for a run that does not make them again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from persona_assets.errors import ALL_ASSETS, InconsistentOutputError, MissingInputError, Producer
from persona_assets.stage.shown import Shown
from persona_assets.stage.spec import PartitionKey
from persona_assets.store.records import read_builtins, write_builtins
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace


class Display(msgspec.Struct, frozen=True):
    """What one stage showed."""

    data_version: str
    """Of the outputs it was shown with."""
    shown: dict[str, Shown]


class _Displays(msgspec.Struct, frozen=True):
    workspace: str
    """Where it was then: the paths shown are below it."""
    stages: dict[str, Display]


def read_displays(workspace: Workspace, key: PartitionKey) -> Mapping[str, Display]:
    """The displays of ``key`` by stage; those that are not there, or cannot be read, can be made again."""
    try:
        content = read_builtins(workspace.displays(key), Producer(ALL_ASSETS, key))
        moved = _move(content, f"{content.get('workspace')}/", f"{workspace.root}/")
        return msgspec.convert(moved, _Displays, dec_hook=_decode).stages
    except (MissingInputError, InconsistentOutputError, msgspec.ValidationError):
        return {}


def _move(value: Any, before: str, now: str) -> Any:
    """The same value with paths below ``now`` instead of ``before``, because the workspace may have been moved."""
    if isinstance(value, dict):
        return {name: _move(entry, before, now) for name, entry in value.items()}
    if isinstance(value, list):
        return [_move(entry, before, now) for entry in value]
    return now + value.removeprefix(before) if isinstance(value, str) and value.startswith(before) else value


def _decode(kind: type, value: Any) -> Any:
    """What msgspec does not know how to read: paths; and rows, which are a list already."""
    return Path(value) if kind is Path else value


def write_displays(workspace: Workspace, key: PartitionKey, stages: Mapping[str, Display]) -> None:
    """Replace the displays of ``key``.

    Raises:
        StorageError: they cannot be written.
    """
    displays = _Displays(str(workspace.root), dict(stages))
    with new_file(workspace.displays(key)) as staged:
        write_builtins(staged, msgspec.to_builtins(displays, enc_hook=str))
