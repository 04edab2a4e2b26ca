"""Choosing keys on the command line: options shared by commands, and the keys they mean."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from persona_assets.errors import SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS, Kind
from persona_assets.raw.discovery import RawInventory, expected_places

_KINDS_BY_OPTION = {kind.plural: (kind,) for kind in KINDS.values()} | {"both": tuple(KINDS.values())}


def type_option(default: str | None) -> Callable[[Any], Any]:
    """``--type roles|traits|both``"""
    return click.option(
        "--type",
        "kinds",
        type=click.Choice(list(_KINDS_BY_OPTION)),
        default=default,
        show_default=True,
        required=default is None,
        callback=lambda _context, _option, value: _KINDS_BY_OPTION[value],
        help="Which kind of persona.",
    )


def models_option() -> Callable[[Any], Any]:
    """``--models NAME --models NAME`` or ``--models NAME,NAME``"""
    return click.option(
        "--models",
        "--model",
        "models",
        multiple=True,
        callback=lambda _context, _option, values: [name for value in values for name in value.split(",")],
        help="Only these models; may be repeated. Default: every model found.",
    )


def choose(inventory: RawInventory, kinds: Sequence[Kind], models: Sequence[str]) -> tuple[DatasetKey, ...]:
    """The keys found that are of ``kinds`` and, unless ``models`` is empty, of those models.

    Raises:
        SettingsError: a model is asked for that the raw root does not hold, or nothing is left.
    """
    found = {key.model for key in inventory.keys}
    for model in models:
        if model not in found:
            raise SettingsError(
                f"model {model!r} is not in {inventory.root}; it holds {', '.join(sorted(found)) or 'none'}"
            )
    chosen = tuple(key for key in inventory.of_kind(*kinds) if not models or key.model in models)
    if not chosen:
        plural = " or ".join(kind.plural for kind in kinds)
        refused = f"; {len(inventory.unfit):,} files and folders were not taken, see 'persona-assets list'"
        raise SettingsError(
            f"no raw file of {plural} is in {inventory.root}; it should hold "
            f"{expected_places(kinds[0])} (setting PERSONA_DATA_ROOT)" + (refused if inventory.unfit else "")
        )
    return chosen
