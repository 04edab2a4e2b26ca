"""Bringing what concerns all keys up to date, from a command."""

from persona_assets.cli.signals import received_signal, sparing_children
from persona_assets.dagster_defs.batch import refresh_corpus
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.definitions import defs
from persona_assets.errors import PersonaAssetsError
from persona_assets.workspace import Workspace


def refresh(workspace: Workspace, *, shared_axes: bool = False) -> None:
    """Make the unpartitioned assets that are out of date.

    Raises:
        PersonaAssetsError: one of them could not be made.
    """
    with sparing_children(), open_instance(workspace) as instance:
        problem = refresh_corpus(defs, instance, shared_axes=shared_axes)
    if received_signal():
        raise KeyboardInterrupt  # Dagster treated it as a failure of its run
    if problem:
        raise PersonaAssetsError(problem)
