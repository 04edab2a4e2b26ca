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
    """The paths shown are below it. Once a workspace has been moved, they lead nowhere."""
    stages: dict[str, Display]


def read_displays(workspace: Workspace, key: PartitionKey) -> Mapping[str, Display]:
    """The displays of ``key`` by stage; those that are not there, or cannot be read, can be made again."""
    try:
        content = read_builtins(workspace.displays(key), Producer(ALL_ASSETS, key))
        displays = msgspec.convert(content, _Displays, dec_hook=_decode)
    except (MissingInputError, InconsistentOutputError, msgspec.ValidationError):
        return {}
    return displays.stages if displays.workspace == str(workspace.root) else {}


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
