"""Which runs and backfills of a Dagster home concern this workspace: others may share the home."""

from enum import Enum

import dagster as dg
from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME
from dagster._core.execution.backfill import PartitionBackfill

from persona_assets.dagster_runtime.own_names import ASSET_KEYS, JOB_NAMES
from persona_assets.dagster_runtime.run_tags import WORKSPACE_TAG, tags_of
from persona_assets.workspace import Workspace


class Owner(Enum):
    """Whose a run is."""

    THIS_WORKSPACE = "its tag says so"
    UNKNOWN = "of this code, but not tagged: just launched from the UI, or by an earlier version"
    OTHER = "of another workspace or another project"


def owner(run: dg.DagsterRun, workspace: Workspace) -> Owner:
    """By the run's tag, or else by what it materialises."""
    if tag := run.tags.get(WORKSPACE_TAG):
        return Owner.THIS_WORKSPACE if tag == tags_of(workspace)[WORKSPACE_TAG] else Owner.OTHER
    if run.job_name == IMPLICIT_ASSET_JOB_NAME:
        checked = {check.asset_key for check in run.asset_check_selection or ()}
        chosen = {*(run.asset_selection or ()), *checked}
        return Owner.UNKNOWN if chosen and chosen <= ASSET_KEYS else Owner.OTHER
    return Owner.UNKNOWN if run.job_name in JOB_NAMES else Owner.OTHER


def may_concern(backfill: PartitionBackfill) -> bool:
    """Whether a backfill is of this code; whose workspace it is for, only its runs say."""
    if backfill.asset_selection is not None:
        return not ASSET_KEYS.isdisjoint(backfill.asset_selection)
    origin = backfill.partition_set_origin
    return origin is not None and origin.partition_set_name in {f"{name}_partition_set" for name in JOB_NAMES}
