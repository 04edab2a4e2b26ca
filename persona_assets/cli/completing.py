"""Values that a shell offers while a command is typed: keys and models, by the names of folders and files alone."""

from pathlib import Path

import click

from persona_assets.errors import InvalidNameError, PersonaAssetsError
from persona_assets.keys import DatasetKey
from persona_assets.settings import Settings, load_settings
from persona_assets.workspace import Workspace

_RECORD = ".json"


def complete_keys(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The keys of which something was made that begin so."""
    return [key for key in sorted(map(str, _list_made(_read_settings()))) if key.startswith(incomplete)]


def complete_models(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The models of the raw root, and of what was made, that begin so."""
    settings = _read_settings()
    names = {key.model for key in _list_made(settings)} | {path.name for path in _list_folders(settings)}
    return sorted(name for name in names if name.startswith(incomplete))


def complete_personas(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The personas made so far of the model and kind that were typed before."""
    model, kinds = context.params.get("model"), context.params.get("kinds")
    keys = [key for key in _list_made(_read_settings()) if model in (None, key.model)]
    names = {key.persona for key in keys if not kinds or key.kind in kinds}
    return sorted(name for name in names if name.startswith(incomplete))


def _read_settings() -> Settings | None:
    """None where they cannot be used: the command itself says so, a shell that completes must not."""
    try:
        return load_settings()
    except PersonaAssetsError:
        return None


def _list_made(settings: Settings | None) -> list[DatasetKey]:
    if settings is None:
        return []
    folder = Workspace.of(settings).manifest("").parent
    found = []
    for path in _list(folder):
        try:
            found.append(DatasetKey.parse(path.name.removesuffix(_RECORD)))
        except InvalidNameError:
            continue
    return found


def _list_folders(settings: Settings | None) -> list[Path]:
    return [path for path in _list(settings.raw_root) if path.is_dir()] if settings else []


def _list(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
