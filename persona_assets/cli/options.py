"""Options and arguments that several commands share."""

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from persona_assets.cli.completing import complete_models
from persona_assets.kinds import KINDS, Kind
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
            self.fail(f"{value!r} is none of {', '.join(self._shown)}{suggest(value, self._shown)}", param, ctx)
        return self._kinds[value]

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        return [CompletionItem(name) for name in self._shown if name.startswith(incomplete)]


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
        shell_complete=complete_models,
        help="Only these models; may be repeated. Default: every model found.",
    )
