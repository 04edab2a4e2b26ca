"""``persona-assets create``: make one dataset, with a filter of the user's choice."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from persona_assets.cli.completing import complete_models, complete_personas
from persona_assets.cli.options import KindChoice
from persona_assets.kinds import Kind


@click.command()
@click.option("--type", "kinds", type=KindChoice(single=True), required=True, help="Kind of persona.")
@click.option("--model", required=True, shell_complete=complete_models, help="Model name, as in the raw root.")
@click.option(
    "--name", required=True, shell_complete=complete_personas, help="Role or trait name, as in the raw root."
)
@click.option("--min-score", type=int, help="Only rows with at least this score.")
@click.option("--max-score", type=int, help="Only rows with at most this score.")
@click.option("--label-filter", help="Only rows with this label.")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Also copy the dataset asked for, and its Parquet file, into this folder.",
)
@click.pass_context
def create(context: click.Context, /, kinds: Sequence[Kind], model: str, name: str, **asked: Any) -> None:
    """Materialise one dataset with the default variants and, if given, one more.

    The dataset is in the workspace, where later runs keep it up to date. A copy in another folder is not.
    """
    from persona_assets.cli.creating import Wish, create_dataset  # Dagster takes seconds to import

    context.exit(create_dataset(Wish(kinds[0], model, name, **asked)))
