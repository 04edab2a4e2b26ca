"""``persona-assets train-set``: write recipes of training sets, make them, and list them."""

from collections.abc import Mapping, Sequence
from typing import Any

import click
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from persona_assets.cli.make_sets import make_sets
from persona_assets.cli.recipe_file import write_recipe
from persona_assets.cli.recipe_options import recipe_options
from persona_assets.cli.selection import suggest
from persona_assets.collection.training_sets import survey_sets
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.errors import SettingsError
from persona_assets.pairs.rules import find_rule
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import Settings, load_settings
from persona_assets.stages.training_sets.members import list_made_keys
from persona_assets.stages.training_sets.spec import NAME
from persona_assets.training.patterns import check_patterns
from persona_assets.training_recipes import Recipe, check_set_name


@click.group("train-set")
def train_set() -> None:
    """Training sets: chosen rows in the format of a trainer, split by question."""


@train_set.command("create")
@click.argument("name")
@recipe_options
@click.option("--replace", is_flag=True, help="Replace the recipe of that name.")
@click.option("--no-make", is_flag=True, help="Only write the recipe.")
@click.pass_context
def create_set(context: click.Context, /, name: str, replace: bool, no_make: bool, **given: Any) -> None:
    """Write the recipe of a training set into persona_assets.toml, and make the set.

    Patterns are names with '*' for any characters, such as --model 'qwen-*'. Options that take several values may be
    repeated, or given with commas.
    """
    settings = load_settings()
    check_set_name(name)
    if name in settings.training_sets and not replace:
        raise SettingsError(f"there is a training set {name!r} already; give --replace, or another name")
    given = {entry: given[entry] for entry in Recipe.model_fields if given[entry] is not None}
    _check(name, given, settings, to_make=not no_make)
    path = settings.workspace / SETTINGS_FILE
    write_recipe(path, name, given)
    console = Console()
    console.print(escape(f"recipe      [{NAME}.{name}] in {path}"), soft_wrap=True, highlight=False)
    context.exit(0 if no_make else make_sets(console, load_settings(), [name], PersonaRunConfig()))


def _check(name: str, given: Mapping[str, Any], settings: Settings, *, to_make: bool) -> None:
    """Raise SettingsError for a recipe that cannot be followed, as far as that shows before it is."""
    try:
        recipe = Recipe.model_validate(given)
    except ValidationError as error:
        problems = (one["msg"].removeprefix("Value error, ") for one in error.errors())
        raise SettingsError(f"training set {name!r}: {'; '.join(problems)}") from error
    if recipe.pair_rule is not None:
        find_rule(recipe.pair_rule, settings.pair_rules).check()
    made = list_made_keys(settings)
    if made or to_make:
        check_patterns(recipe, made, f"training set {name!r}")


@train_set.command("make")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--redo", is_flag=True, help="Make them again, even if nothing has changed.")
@click.pass_context
def make_named_sets(context: click.Context, names: Sequence[str], redo: bool) -> None:
    """Make the training sets named, or all. One that is up to date is left as it is."""
    settings = load_settings()
    chosen = list(dict.fromkeys(names)) or sorted(settings.training_sets)
    if not chosen:
        raise SettingsError(f"{SETTINGS_FILE} has no training set; write one with 'persona-assets train-set create'")
    _require_known(chosen, settings)
    context.exit(make_sets(Console(), settings, chosen, PersonaRunConfig(redo=redo)))


@train_set.command("list")
def list_sets() -> None:
    """List every training set: how it stands, its examples by split, its answer tokens."""
    console, table = Console(), Table(padding=(0, 0, 0, 1))
    for column in ("name", "format", "state", "examples", "answer tokens", "why"):
        table.add_column(column, no_wrap=column != "why")
    sets = survey_sets(load_settings())
    for one in sets:
        examples = ", ".join(f"{split} {number:,}" for split, number in one.examples.items())
        form = one.recipe.format if one.recipe else ""
        table.add_row(escape(one.name), form, one.state.value, examples, f"{one.answer_tokens:,}", escape(one.reason))
    console.print(table if sets else "no training sets; write one with 'persona-assets train-set create'")


def _require_known(names: Sequence[str], settings: Settings) -> None:
    for name in names:
        if name not in settings.training_sets:
            known = ", ".join(sorted(settings.training_sets)) or "none"
            raise SettingsError(
                f"no training set is called {name!r}{suggest(name, settings.training_sets)}; "
                f"{SETTINGS_FILE} has {known}"
            )
