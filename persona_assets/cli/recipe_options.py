"""The options of a recipe on the command line, each the entry of the same meaning in ``persona_assets.toml``."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, get_args

import click

from persona_assets.cli.options import KindChoice
from persona_assets.kinds import Kind
from persona_assets.training_recipes import FormatName, View

Command = TypeVar("Command", bound=Callable[..., Any])


def _split(_context: click.Context, _option: click.Parameter, values: Sequence[str]) -> list[str] | None:
    return [name.strip() for value in values for name in value.split(",")] or None


def _name_kinds(_context: click.Context, _option: click.Parameter, kinds: Sequence[Kind] | None) -> list[str] | None:
    return [kind.name for kind in kinds] if kinds else None


def _read_shares(_context: click.Context, _option: click.Parameter, values: Sequence[str]) -> dict[str, float] | None:
    shares = {}
    for value in values:
        name, equals, share = value.partition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            equals = ""
        if not equals:
            raise click.BadParameter(f"{value!r} is not NAME=SHARE, such as train=0.9")
    return shares or None


_OPTIONS = (
    click.option("--model", "--models", "models", multiple=True, callback=_split, help="Patterns of models."),
    click.option(
        "--type", "kinds", type=KindChoice(single=False), callback=_name_kinds, help="Which kind of persona."
    ),
    click.option("--persona", "personas", multiple=True, callback=_split, help="Patterns of personas."),
    click.option("--format", "format", type=click.Choice(get_args(FormatName)), help="[default: sft]"),
    click.option(
        "--view",
        type=click.Choice(get_args(View)),
        help="What becomes of the persona's instruction.  [default: removed]",
    ),
    click.option("--min-score", type=int, help="Only rows with at least this score."),
    click.option("--max-score", type=int, help="Only rows with at most this score."),
    click.option("--label-filter", "label", help="Only rows with this label."),
    click.option("--where", help="Only rows that meet this condition in SQL."),
    click.option("--pair-rule", help="Pairs that meet this rule, by name or as a condition."),
    click.option("--desirable-score", type=int, help="KTO: answers with this score or more are wanted."),
    click.option(
        "--whole-answers/--cut-answers", default=None, help="Without answers that were cut off, or with them."
    ),
    click.option(
        "--no-refusals/--refusals", default=None, help="Without what the judge calls a refusal, or with it."
    ),
    click.option("--trained-model", help="The model to be trained, if the set has answers of several."),
    click.option(
        "--split", "splits", multiple=True, callback=_read_shares, metavar="NAME=SHARE", help="May be repeated."
    ),
    click.option("--token-budget", type=click.IntRange(min=1), help="Most answer tokens."),
    click.option("--seed", type=click.IntRange(min=0), help="[default: 0]"),
)


def recipe_options(command: Command) -> Command:
    """Give ``command`` an option for every entry of a recipe; None where one is not given."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
