"""What every step does around its work: read the settings, show that its run lives, end well on an error."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from persona_assets.dagster_defs.abandoned_runs import alive
from persona_assets.errors import PersonaAssetsError
from persona_assets.settings import Settings, load_settings
from persona_assets.workspace import Workspace


@contextmanager
def step_settings(context: dg.AssetExecutionContext) -> Iterator[Settings]:
    """The settings of this step. An error of this package in the block fails it without a retry, with its message."""
    try:
        settings = load_settings()
        with alive(context.run.run_id, Workspace.of(settings)):
            yield settings
    except PersonaAssetsError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
