"""What the pages of the UI show of each key: which data version of each stage, with the outcome of every check."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import sqlalchemy as db
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from persona_assets.stage.spec import Stage


def find_recorded(instance: dg.DagsterInstance, stages: Sequence[Stage[Any]]) -> dict[str, dict[str, str]]:
    """Find the data version of each of ``stages`` that Dagster recorded last, by key.

    A stage is left out if a check has no outcome for it: the run was killed while it told of the key. Checks that are
    planned by the run that asks do not count.
    """
    recorded: dict[str, dict[str, str]] = {}
    for stage in stages:
        for key, version in _latest_versions(instance, stage).items():
            recorded.setdefault(key, {})[stage.name] = version
        for key in recorded.keys() - _find_checked(instance, stage):
            recorded[key].pop(stage.name, None)
    return recorded


def _latest_versions(instance: dg.DagsterInstance, stage: Stage[Any]) -> Mapping[str, str]:
    tags = instance.event_log_storage.get_latest_tags_by_partition(
        dg.AssetKey(stage.name), dg.DagsterEventType.ASSET_MATERIALIZATION, [DATA_VERSION_TAG]
    )
    return {key: found[DATA_VERSION_TAG] for key, found in tags.items()}


def _find_checked(instance: dg.DagsterInstance, stage: Stage[Any]) -> set[str]:
    """The keys whose last materialisation every check of ``stage`` has an outcome for."""
    storage, asset = instance.event_log_storage, dg.AssetKey(stage.name)
    latest = storage.get_latest_storage_id_by_partition(asset, dg.DagsterEventType.ASSET_MATERIALIZATION)
    if not stage.checks:
        return set(latest)
    if not isinstance(storage, SqlEventLogStorage):
        return set()
    checked: dict[str, set[str]] = {check.name: set() for check in stage.checks}
    with storage.index_connection() as connection:
        for name, key, materialisation in connection.execute(_last_evaluations(asset)):
            if name in checked and latest.get(key) == materialisation:
                checked[name].add(key)
    return set(latest).intersection(*checked.values())


def _last_evaluations(asset: dg.AssetKey) -> db.Select[Any]:
    """Check, partition and materialisation of the last evaluation of every check of every partition."""
    columns = AssetCheckExecutionsTable.c
    newest = (
        db.select(db.func.max(columns.id))
        .where(columns.asset_key == asset.to_string())
        .where(columns.execution_status.in_([Status.SUCCEEDED.value, Status.FAILED.value]))
        .group_by(columns.check_name, columns.partition)
    )
    return db.select(columns.check_name, columns.partition, columns.materialization_event_storage_id).where(
        columns.id.in_(newest)
    )
