"""``persona-assets list``: what the raw root holds."""

from collections.abc import Sequence

import click
from rich.console import Console

from persona_assets.cli.report import warn_of_unfit
from persona_assets.cli.selection import choose, models_option, type_option
from persona_assets.kinds import Kind
from persona_assets.raw.discovery import discover
from persona_assets.settings import load_settings


@click.command("list")
@type_option(default="both")
@models_option()
def list_keys(kinds: Sequence[Kind], models: Sequence[str]) -> None:
    """List the partition key of every raw file; files that cannot have one are named on stderr."""
    inventory = discover(load_settings().raw_root)
    for key in choose(inventory, kinds, models):
        click.echo(key)
    warn_of_unfit(Console(stderr=True), inventory)
