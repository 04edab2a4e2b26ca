"""What every step does around its work: read the settings, say whose its run is and that it lives, clean up."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from persona_assets.collection.leftovers import clean_up
from persona_assets.dagster_defs.readable import readable_text
from persona_assets.dagster_runtime.code_location import add_to_code_location
from persona_assets.dagster_runtime.living_runs import holding_run_lock
from persona_assets.dagster_runtime.run_tags import tags_of
from persona_assets.errors import PersonaAssetsError
from persona_assets.settings import Settings, load_settings
from persona_assets.workspace import Workspace


@contextmanager
def step_settings(context: dg.AssetExecutionContext) -> Iterator[Settings]:
    """The settings of this step. An error of this package in the block fails it without a retry, with its message."""
    try:
        settings = load_settings()
        workspace = Workspace.of(settings)
        with holding_run_lock(context.run.run_id, workspace):
            _tag(context, workspace)
            add_to_code_location(context.instance, context.run.run_id)
            _clean_up(context, workspace)
            yield settings
    except PersonaAssetsError as error:
        raise dg.Failure(readable_text(str(error)), allow_retries=False) from error


def _tag(context: dg.AssetExecutionContext, workspace: Workspace) -> None:
    """Dagster creates the runs of its implicit job, which the UI and backfills launch, without tags of ours."""
    tags = tags_of(workspace)
    if not tags.items() <= context.run.tags.items():
        context.instance.add_run_tags(context.run.run_id, tags)


def _clean_up(context: dg.AssetExecutionContext, workspace: Workspace) -> None:
    cleanup = clean_up(workspace)
    for journal in cleanup.given_back:
        context.log.warning(f"put back the earlier outputs of {journal.stem}, which a killed process was replacing")
    for leftover in cleanup.removed:
        context.log.warning(f"removed {leftover}, which a killed process had left")
    for problem in cleanup.problems:
        context.log.error(problem)
