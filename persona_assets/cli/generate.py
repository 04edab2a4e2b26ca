"""``persona-assets generate``: make everything for every raw file."""

from collections.abc import Sequence

import click

from persona_assets.cli.options import models_option, type_option
from persona_assets.kinds import Kind


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
    from persona_assets.cli.generating import generate_all  # Dagster takes seconds to import

    context.exit(generate_all(kinds, models, resume=resume, config=config))
