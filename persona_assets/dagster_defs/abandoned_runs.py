"""Runs whose process died with the machine, or was killed together with Dagster.

Dagster marks a run as failed when it sees its process end. Where nobody was left to see it, the run would stand as
started for ever and keep every queued run waiting. A living run holds a lock, which goes with its process.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from persona_assets.errors import BusyError
from persona_assets.store.locks import locked
from persona_assets.workspace import Workspace

GRACE_SECONDS = 60.0
"""From the start of a run until it must hold its lock."""
PAUSE_SECONDS = 2.0
"""Between two looks at a run, which may just be on its way from one step to the next, or to its end."""


@contextmanager
def alive(run_id: str, workspace: Workspace) -> Iterator[None]:
    """Hold the lock that says that the run's process lives."""
    path = workspace.run_lock(run_id)
    with locked(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def fail_abandoned_runs(instance: dg.DagsterInstance, workspace: Workspace) -> list[str]:
    """Mark started runs without a living process as failed; return their ids."""
    suspects = _without_process(instance, workspace)
    if suspects:
        time.sleep(PAUSE_SECONDS)
        suspects &= _without_process(instance, workspace)
    for run in instance.get_runs(dg.RunsFilter(run_ids=sorted(suspects))) if suspects else ():
        instance.report_run_failed(
            run, "The process that worked on this run is gone. What it had done is kept; materialise again."
        )
    return sorted(suspects)


def _without_process(instance: dg.DagsterInstance, workspace: Workspace) -> set[str]:
    records = instance.get_run_records(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
    return {
        record.dagster_run.run_id
        for record in records
        if time.time() - (record.start_time or time.time()) > GRACE_SECONDS
        and not _holds_lock(record.dagster_run.run_id, workspace)
    }


def _holds_lock(run_id: str, workspace: Workspace) -> bool:
    path = workspace.run_lock(run_id)
    if not path.exists():
        return False
    try:
        with locked(path, patience_seconds=0):
            return False
    except BusyError:
        return True
