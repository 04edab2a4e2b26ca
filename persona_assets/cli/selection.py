"""Choosing keys on the command line: options shared by commands, and the keys they mean."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import click

from persona_assets.collection.survey import Survey
from persona_assets.errors import SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS, Kind
from persona_assets.raw.discovery import RawInventory, expected_places
from persona_assets.suggestions import suggest

BOTH = "both"


class KindChoice(click.ParamType[tuple[Kind, ...]]):
    """A kind of persona by either of its names, ``role`` or ``roles``, as a tuple of kinds; where both are meant as
    well, ``both``.
    """

    name = "kind"

    def __init__(self, *, single: bool) -> None:
        self._kinds: dict[str, tuple[Kind, ...]] = {
            name: (kind,) for kind in KINDS.values() for name in (kind.name, kind.plural)
        }
        if not single:
            self._kinds[BOTH] = tuple(KINDS.values())
        self._shown = [kind.name if single else kind.plural for kind in KINDS.values()] + [BOTH] * (not single)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's
        return f"[{'|'.join(self._shown)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Kind, ...]:
        if isinstance(value, tuple):
            return value
        if value not in self._kinds:
            self.fail(f"{value!r} is none of {', '.join(self._shown)}", param, ctx)
        return self._kinds[value]


def type_option(default: str | None) -> Callable[[Any], Any]:
    """``--type roles|traits|both``"""
    return click.option(
        "--type",
        "kinds",
        type=KindChoice(single=False),
        default=default,
        show_default=True,
        required=default is None,
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
    check_models(inventory, models)
    chosen = tuple(key for key in inventory.of_kind(*kinds) if not models or key.model in models)
    if not chosen:
        of_models = [key for key in inventory.keys if not models or key.model in models]
        if of_models:
            raise SettingsError(_describe_lack(inventory, kinds, models, of_models))
        plural = " or ".join(kind.plural for kind in kinds)
        refused = f"; {len(inventory.unfit):,} files and folders were not taken, see 'persona-assets list'"
        raise SettingsError(
            f"no raw file of {plural} is in {inventory.root}; it should hold "
            f"{expected_places(kinds[0])} (setting PERSONA_DATA_ROOT)" + (refused if inventory.unfit else "")
        )
    return chosen


def check_models(inventory: RawInventory, models: Sequence[str], surveyed: Survey | None = None) -> None:
    """Raise SettingsError for a model that has no raw file, nor outputs if there is a survey of them."""
    found = {key.model for key in inventory.keys} | {one.key.model for one in (surveyed.states if surveyed else ())}
    for model in models:
        if model not in found:
            raise SettingsError(
                f"model {model!r} is not in {inventory.root}; it holds {', '.join(sorted(found)) or 'none'}"
                f"{suggest(model, found)}"
            )


def _describe_lack(
    inventory: RawInventory, kinds: Sequence[Kind], models: Sequence[str], others: Sequence[DatasetKey]
) -> str:
    asked = " or ".join(kind.plural for kind in kinds)
    held = Counter(key.kind for key in others)
    has = ", ".join(f"{number:,} {kind.plural if number != 1 else kind.name}" for kind, number in held.items())
    who = " and ".join(models) or str(inventory.root)
    return f"{who} {'have' if len(models) > 1 else 'has'} no {asked}, only {has}"
