"""Runs that Dagster's daemon had created when it stopped, and that it launches when it is started again."""

import time

import dagster as dg
from dagster._core.execution.backfill import BulkActionStatus
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.storage.tags import BACKFILL_ID_TAG, TICK_ID_TAG

LONGEST_PAUSE_SECONDS = 24 * 3600.0
"""Time after which the daemon gives up an interrupted tick."""


def is_resumed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether ``run``, which was not started, will still be launched for its backfill, sensor or schedule.

    If it were closed, the daemon would treat it and its partitions as done.
    """
    if backfill_id := run.tags.get(BACKFILL_ID_TAG):
        backfill = instance.get_backfill(backfill_id)
        return (
            backfill is not None
            and backfill.status is BulkActionStatus.REQUESTED
            and run.run_id in backfill.reserved_run_ids
        )
    tick = run.tags.get(TICK_ID_TAG, "")
    return tick.isdigit() and _tick_is_resumed(instance, int(tick))


def _tick_is_resumed(instance: dg.DagsterInstance, tick_id: int) -> bool:
    if not instance.schedule_storage:
        return False
    return any(
        tick.status is TickStatus.STARTED and time.time() - tick.timestamp <= LONGEST_PAUSE_SECONDS
        for tick in instance.schedule_storage.get_ticks_by_ids([tick_id])
    )
