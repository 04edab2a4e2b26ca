"""``persona-assets compare``: draw pictures of more than one dataset."""

import click

from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace


@click.command()
@click.option("--shared-axes", is_flag=True, help="Also draw each dataset on the axes of its kind, now and later.")
def compare(shared_axes: bool) -> None:
    """Compare models: draw an overview of each, and every persona that more than one of them has.

    Updates the catalogue and the statistics files too, because the pictures are drawn from them.
    """
    from persona_assets.cli.refreshing import refresh  # Dagster takes seconds to import

    workspace = Workspace.of(load_settings())
    refresh(workspace, shared_axes=shared_axes)
    for folder in sorted(workspace.comparisons.glob("*")):
        click.echo(f"{len(list(folder.glob('*.png'))):6,} {folder}")
