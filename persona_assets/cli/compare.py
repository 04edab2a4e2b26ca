"""``persona-assets compare``: draw pictures of more than one dataset."""

import click

from persona_assets.cli.signals import received_signal, sparing_children
from persona_assets.dagster_defs.batch import refresh_corpus
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.definitions import defs
from persona_assets.errors import PersonaAssetsError
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace


@click.command()
@click.option("--shared-axes", is_flag=True, help="Also draw each dataset on the axes of its kind, now and later.")
def compare(shared_axes: bool) -> None:
    """Compare models: draw an overview of each, and every persona that more than one of them has.

    Updates the catalogue and the statistics files too, because the pictures are drawn from them.
    """
    workspace = Workspace.of(load_settings())
    with sparing_children(), open_instance(workspace) as instance:
        problem = refresh_corpus(defs, instance, shared_axes=shared_axes)
    if received_signal():
        raise KeyboardInterrupt  # Dagster treated it as a failure of its run
    if problem:
        raise PersonaAssetsError(problem)
    for folder in sorted(workspace.comparisons.glob("*")):
        click.echo(f"{len(list(folder.glob('*.png'))):6,} {folder}")
