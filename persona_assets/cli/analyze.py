"""``persona-assets analyze``: the token statistics of every dataset that there is."""

from collections.abc import Sequence

import click

from persona_assets.cli.options import models_option, type_option
from persona_assets.kinds import Kind


@click.command()
@type_option(default="both")
@models_option()
@click.option("--workers", type=click.IntRange(min=1), help="Keys worked on at the same time.  [default: all cores]")
@click.pass_context
def analyze(context: click.Context, kinds: Sequence[Kind], models: Sequence[str], workers: int | None) -> None:
    """Count the tokens of every dataset made so far, draw the pictures, and gather the statistics.

    'generate' has done so already for what it made. This is for datasets that were made before a setting, a tokenizer
    or a raw file changed; a raw file without a dataset is left to 'generate'.
    """
    from persona_assets.cli.generating import analyze_made  # Dagster takes seconds to import

    context.exit(analyze_made(kinds, models, workers))
