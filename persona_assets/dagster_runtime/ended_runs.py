"""Finding the latest run on the partitions that has come to an end, however it ended."""

from collections.abc import Iterator

import dagster as dg
from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME

from persona_assets.dagster_runtime.own_names import CHECK, MATERIALISE, REDO_FAILED
from persona_assets.dagster_runtime.run_owners import Owner, owner
from persona_assets.workspace import Workspace

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
JOBS = (MATERIALISE, REDO_FAILED, CHECK, IMPLICIT_ASSET_JOB_NAME)
"""Whose runs may have changed how keys stand. Refreshing the catalogue is none of them."""
LATEST_LOOKED_AT = 50
"""Runs of each job, among which the latest of this workspace is found unless others in the same home are busy."""


def find_latest_ended(instance: dg.DagsterInstance, workspace: Workspace) -> str:
    """Name the run that ended last and when; empty if there is none."""
    ended = [
        (record.update_timestamp.timestamp(), record.dagster_run.run_id) for record in _list(instance, workspace)
    ]
    return "{1}-{0}".format(*max(ended)) if ended else ""


def _list(instance: dg.DagsterInstance, workspace: Workspace) -> Iterator[dg.RunRecord]:
    for job in JOBS:
        filters = dg.RunsFilter(job_name=job, statuses=ENDED)
        for record in instance.get_run_records(filters, limit=LATEST_LOOKED_AT, order_by="update_timestamp"):
            if owner(record.dagster_run, workspace) is not Owner.OTHER:
                yield record
                break
