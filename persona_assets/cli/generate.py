"""``persona-assets generate``: make everything for every raw file."""

from collections.abc import Sequence

import click
from rich.console import Console

from persona_assets.cli.materialise_keys import materialise_keys
from persona_assets.cli.selection import choose, models_option, type_option
from persona_assets.collection.survey import survey
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.kinds import Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import load_settings


@click.command()
@type_option(default="both")
@models_option()
@click.option("--workers", type=click.IntRange(min=1), help="Keys worked on at the same time.  [default: all cores]")
@click.option("--redo", is_flag=True, help="Make everything again, even if nothing has changed.")
@click.option("--resume", is_flag=True, help="Only keys that are missing, failed or stale.")
@click.option("--verify-bytes", is_flag=True, help="Read every file, even if nobody seems to have written to it.")
@click.pass_context
def generate(
    context: click.Context, /, kinds: Sequence[Kind], models: Sequence[str], resume: bool, **config: int | bool | None
) -> None:
    """Materialise all assets of every raw file found, through Dagster.

    Keys that are up to date are left as they are, and nothing is recorded of them. Exits with 1 if a key failed or
    a file in the raw root was not taken; all other keys are still done. After Ctrl-C or SIGTERM, finished keys are
    kept.
    """
    settings = load_settings()
    inventory = discover(RawCorpus.of(settings))
    keys = choose(inventory, kinds, models)
    if resume:
        left = {state.key for state in survey(settings, inventory).states if state.left_to_do}
        keys = tuple(key for key in keys if key in left)
    told = PersonaRunConfig.model_validate({name: value for name, value in config.items() if value is not None})
    code = materialise_keys(Console(), settings, inventory, keys, told)
    context.exit(code or int(bool(inventory.unfit)))
