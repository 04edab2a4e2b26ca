"""Taking back what a run planned and did not do, and keeping failures in sight.

When a run begins, Dagster notes every check of every partition as planned. If the check then does not run, Dagster
shows it as "Execution failed" or "Skipped", which hides what was found the last time. And the page of an asset shows
the newest note of a check, whichever partition that is about.
"""

from collections.abc import Collection, Iterator

import dagster as dg
import sqlalchemy as db
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage


def withdraw_plans(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete the notes of checks that ``run_id`` planned and has not evaluated."""
    columns = AssetCheckExecutionsTable.c
    _delete_notes(instance, db.and_(columns.run_id == run_id, columns.execution_status == Status.PLANNED.value))


def restate_failure(
    instance: dg.DagsterInstance, run_id: str, check: dg.AssetCheckKey, registered: Collection[str]
) -> Iterator[dg.AssetCheckEvaluation]:
    """Tell again of a ``registered`` key that fails ``check``, if the newest note is of another that passes it."""
    storage = instance.event_log_storage
    newest = storage.get_latest_asset_check_execution_by_key([check]).get(check)
    if newest is None or newest.status != Status.SUCCEEDED:
        return
    failing = sorted(
        info.partition_key
        for info in storage.get_asset_check_partition_info([check])
        if info.partition_key and info.partition_key in registered and info.latest_execution_status == Status.FAILED
    )
    if failing:
        last = storage.get_latest_asset_check_execution_by_key([check], PartitionKeyFilter(key=failing[0]))
        yield from _tell_again(instance, run_id, last[check])


def _tell_again(
    instance: dg.DagsterInstance, run_id: str, record: AssetCheckExecutionRecord
) -> Iterator[dg.AssetCheckEvaluation]:
    if record.evaluation:
        if record.run_id == run_id:  # an evaluation of the same run would change its old note, not make a new one
            _delete_notes(instance, AssetCheckExecutionsTable.c.id == record.id)
        yield record.evaluation


def _delete_notes(instance: dg.DagsterInstance, which: db.ColumnElement[bool]) -> None:
    """Only SQL storages keep notes; all that Dagster itself offers are."""
    storage = instance.event_log_storage
    if isinstance(storage, SqlEventLogStorage) and storage.supports_asset_checks:
        with storage.index_connection() as connection:
            connection.execute(AssetCheckExecutionsTable.delete().where(which))
