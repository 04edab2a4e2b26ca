"""``persona-assets train-set``: write recipes of training sets, make them, and list them."""

from collections.abc import Sequence
from typing import Any

import click

from persona_assets.cli.recipe_options import recipe_options


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
    from persona_assets.cli.set_recipes import create  # pyarrow takes a while to import

    context.exit(create(name, given, replace=replace, to_make=not no_make))


@train_set.command("make")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--redo", is_flag=True, help="Make them again, even if nothing has changed.")
@click.pass_context
def make_named_sets(context: click.Context, names: Sequence[str], redo: bool) -> None:
    """Make the training sets named, or all. One that is up to date is left as it is."""
    from persona_assets.cli.make_sets import make_named  # Dagster takes a while to import

    context.exit(make_named(names, redo=redo))


@train_set.command("list")
def list_sets() -> None:
    """List every training set: how it stands, its examples by split, its answer tokens."""
    from persona_assets.cli.set_recipes import print_sets  # pyarrow takes a while to import

    print_sets()
