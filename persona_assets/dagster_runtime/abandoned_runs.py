"""Closing runs whose process died with the machine, or was killed together with Dagster.

Dagster marks a run as failed when its process ends. If Dagster ended too, the run would keep its status for ever.
Every queued run would wait for it, and no sensor or schedule would start another. A living run holds a lock, which is
released when its process ends. Only runs with the tag of this workspace are ever closed.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from persona_assets.dagster_runtime.check_plans import withdraw_plans
from persona_assets.dagster_runtime.living_runs import is_alive
from persona_assets.dagster_runtime.resumed_runs import is_resumed
from persona_assets.dagster_runtime.run_owners import Owner, owner
from persona_assets.dagster_runtime.run_tags import ABANDONED_TAG, tags_of
from persona_assets.workspace import Workspace

_Status = dg.DagsterRunStatus
GRACE_SECONDS: dict[dg.DagsterRunStatus, float] = {
    _Status.NOT_STARTED: 600.0,  # created, not yet launched: takes seconds, or minutes on a slow database
    _Status.STARTING: 900.0,  # launched: a container image may have to be pulled, or a machine started
    _Status.STARTED: 120.0,  # before its first step, between two steps, or about to end
    _Status.CANCELING: 120.0,  # told to end, which takes its workers a few seconds
}
"""How long a run without a living process must have been quiet before it is closed."""
PAUSE_SECONDS = 2.0
"""Between two looks at a run, which may be between two steps, or about to end."""
NEVER_BEGUN = [_Status.NOT_STARTED.value, _Status.STARTING.value]


def close_abandoned_runs(instance: dg.DagsterInstance, workspace: Workspace) -> list[str]:
    """Mark runs of this workspace without a living process as failed, or canceled; return their ids."""
    _adopt(instance, workspace)
    suspects = set(_abandoned(instance, workspace))
    if suspects:
        time.sleep(PAUSE_SECONDS)
        suspects &= set(_abandoned(instance, workspace))
    for run_id in suspects:
        _close(instance, run_id)
        workspace.run_lock(run_id).unlink(missing_ok=True)
    return sorted(suspects)


def _close(instance: dg.DagsterInstance, run_id: str) -> None:
    run = instance.get_run_by_id(run_id)
    if run is None or run.status not in GRACE_SECONDS:  # deleted, or closed by another process in the meantime
        return
    instance.add_run_tags(run_id, {ABANDONED_TAG: run.status.value})
    withdraw_plans(instance, run_id)
    if run.status is _Status.CANCELING:
        instance.report_run_canceled(run, "The process that was told to end is gone. Finished keys are kept.")
    else:
        instance.report_run_failed(run, "The process of this run is gone. Finished keys are kept; materialise again.")


def find_latest_never_begun(instance: dg.DagsterInstance, workspace: Workspace) -> str:
    """Return the id of the latest run that was closed before it began; empty if there is none.

    Its keys have not changed, so they must be requested again.
    """
    tags = {**tags_of(workspace), ABANDONED_TAG: NEVER_BEGUN}
    latest = instance.get_run_records(dg.RunsFilter(tags=tags), limit=1)
    return latest[0].dagster_run.run_id if latest else ""


def _adopt(instance: dg.DagsterInstance, workspace: Workspace) -> None:
    """Tag runs that died before they tagged themselves, if the home belongs to this workspace alone."""
    if Path(instance.root_directory).resolve() != workspace.dagster_home.resolve():
        return
    for record in instance.get_run_records(dg.RunsFilter(statuses=list(GRACE_SECONDS))):
        if owner(record.dagster_run, workspace) is Owner.UNKNOWN and _is_quiet(instance, record):
            instance.add_run_tags(record.dagster_run.run_id, tags_of(workspace))


def _abandoned(instance: dg.DagsterInstance, workspace: Workspace) -> Iterator[str]:
    for record in instance.get_run_records(dg.RunsFilter(tags=tags_of(workspace), statuses=list(GRACE_SECONDS))):
        run = record.dagster_run
        if is_alive(run.run_id, workspace) or not _is_quiet(instance, record):
            continue
        if run.status is not _Status.NOT_STARTED or not is_resumed(instance, run):
            yield run.run_id


def _is_quiet(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    """Whether nothing has happened to the run for its grace period. Creating a run writes an event per partition."""
    run, latest = record.dagster_run, record.update_timestamp.timestamp()
    if time.time() - latest < GRACE_SECONDS[run.status]:
        return False
    events = instance.event_log_storage.get_logs_for_run(run.run_id, limit=1, ascending=False)
    latest = max(latest, *(event.timestamp for event in events), 0.0)
    return time.time() - latest >= GRACE_SECONDS[run.status]
