"""Writing the recipe of a training set, and listing what there is."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from persona_assets.cli.make_sets import make_sets
from persona_assets.cli.recipe_file import write_recipe
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


def create(name: str, given: Mapping[str, Any], *, replace: bool, to_make: bool) -> int:
    """Write the recipe, and make the set if asked to; return the exit code.

    Raises:
        SettingsError: the recipe cannot be followed, or there is one of that name.
    """
    settings = load_settings()
    check_set_name(name)
    if name in settings.training_sets and not replace:
        raise SettingsError(f"there is a training set {name!r} already; give --replace, or another name")
    entries = {entry: given[entry] for entry in Recipe.model_fields if given[entry] is not None}
    _check(name, entries, settings, to_make=to_make)
    path = settings.workspace / SETTINGS_FILE
    write_recipe(path, name, entries)
    console = Console()
    console.print(escape(f"recipe      [{NAME}.{name}] in {path}"), soft_wrap=True, highlight=False)
    return make_sets(console, load_settings(), [name], PersonaRunConfig()) if to_make else 0


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


def print_sets() -> None:
    """Print every training set: how it stands, its examples by split, its answer tokens."""
    console, table = Console(), Table(padding=(0, 0, 0, 1))
    for column in ("name", "format", "state", "examples", "answer tokens", "why"):
        table.add_column(column, no_wrap=column != "why")
    sets = survey_sets(load_settings())
    for one in sets:
        examples = ", ".join(f"{split} {number:,}" for split, number in one.examples.items())
        form = one.recipe.format if one.recipe else ""
        table.add_row(escape(one.name), form, one.state.value, examples, f"{one.answer_tokens:,}", escape(one.reason))
    console.print(table if sets else "no training sets; write one with 'persona-assets train-set create'")
