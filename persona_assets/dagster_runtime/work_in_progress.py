"""Finding queued or running work on the partitions of this workspace, without writing anything."""

import time
from itertools import chain

import dagster as dg
from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME
from dagster._core.execution.backfill import BulkActionsFilter, BulkActionStatus, PartitionBackfill

from persona_assets.dagster_runtime.own_names import MATERIALISE, REDO_FAILED
from persona_assets.dagster_runtime.run_owners import Owner, may_concern, owner
from persona_assets.workspace import Workspace

ACTIVE_RUNS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
PATIENCE_SECONDS = 3600.0
"""How long an untagged run or a backfill must have been quiet before it counts as dead. A run is tagged when its
first step begins; a living backfill requests its next run within a minute."""


def find_work_in_progress(instance: dg.DagsterInstance, workspace: Workspace) -> str | None:
    """Say which run or backfill is working on the partitions. None if there is none.

    Runs and backfills of other projects and other workspaces in the same home are ignored.
    """
    jobs = (MATERIALISE, REDO_FAILED, IMPLICIT_ASSET_JOB_NAME)
    filters = (dg.RunsFilter(job_name=job, statuses=ACTIVE_RUNS) for job in jobs)
    for record in chain.from_iterable(map(instance.get_run_records, filters)):
        if _at_work(record, workspace):
            return f"run {record.dagster_run.run_id} is working on the partitions; checking again later"
    for backfill in instance.get_backfills(BulkActionsFilter(statuses=[BulkActionStatus.REQUESTED])):
        if may_concern(backfill) and _goes_on(instance, backfill, workspace):
            return f"backfill {backfill.backfill_id} is in progress; checking again later"
    return None


def _at_work(record: dg.RunRecord, workspace: Workspace) -> bool:
    whose = owner(record.dagster_run, workspace)
    if whose is Owner.UNKNOWN:
        waits = record.dagster_run.status is dg.DagsterRunStatus.QUEUED
        return waits or time.time() - record.update_timestamp.timestamp() < PATIENCE_SECONDS
    return whose is Owner.THIS_WORKSPACE


def _goes_on(instance: dg.DagsterInstance, backfill: PartitionBackfill, workspace: Workspace) -> bool:
    latest = backfill.backfill_timestamp
    runs = dg.RunsFilter(tags=dg.DagsterRun.tags_for_backfill_id(backfill.backfill_id))
    for record in instance.get_run_records(runs, limit=1):
        if owner(record.dagster_run, workspace) is Owner.OTHER:
            return False
        latest = max(latest, record.update_timestamp.timestamp())
    return time.time() - latest < PATIENCE_SECONDS
