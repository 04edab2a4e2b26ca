"""``persona-assets list``: what the raw root holds."""

from collections.abc import Sequence

import click
from rich.console import Console

from persona_assets.cli.result_tables import print_models, print_unfit
from persona_assets.cli.selection import choose, models_option, type_option
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import load_settings


@click.command("list")
@type_option(default="both")
@models_option()
@click.pass_context
def list_keys(context: click.Context, kinds: Sequence[Kind], models: Sequence[str]) -> None:
    """List the partition key of every raw file.

    On stderr: in which layout each model was read, with the number of its keys; and what cannot have a key. Then the
    exit code is 1.
    """
    console = Console(stderr=True)
    inventory = discover(RawCorpus.of(load_settings()))
    try:
        for key in choose(inventory, kinds, models):
            click.echo(key)
    finally:
        print_models(console, inventory)
        print_unfit(console, inventory)
    context.exit(1 if inventory.unfit else 0)
