"""The contract: on the same files and for the same run, everything is as with Dagster's own event log."""

import inspect
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite import sqlite_event_log

from persona_assets.dagster_runtime.event_log import KeptOpenEventLog
from persona_assets.dagster_runtime.instance import prepare_home
from persona_assets.workspace import Workspace
from persona_assets_tests.dagster_defs import (
    BAD_KEY,
    CHECK,
    DOWNSTREAM,
    KEYS,
    UNEVALUATED,
    UPSTREAM,
    dagsters_own,
    partitions,
    run_over_all_keys,
)

GOOD_KEYS = set(KEYS) - {BAD_KEY}
EVENTS = {
    "ASSET_MATERIALIZATION_PLANNED": 2 * len(KEYS),
    "ASSET_CHECK_EVALUATION_PLANNED": 2,
    "ASSET_MATERIALIZATION": 2 * len(KEYS) - 1,
    "ASSET_CHECK_EVALUATION": len(KEYS),
    "STEP_FAILURE": 1,
    "PIPELINE_FAILURE": 1,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home as ``prepare_home`` makes it, after one run."""
    folder = tmp_path_factory.mktemp("kept_open")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder / "dagster_home"))
        yield prepare_home(Workspace(folder, folder))


@pytest.fixture(scope="module")
def kept_open(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


@pytest.fixture(scope="module")
def run_id(kept_open: dg.DagsterInstance) -> str:
    return run_over_all_keys(kept_open)


@pytest.fixture(scope="module", params=["kept_open", "dagsters_own"])
def reader(
    request: pytest.FixtureRequest, home: Path, kept_open: dg.DagsterInstance, run_id: str
) -> Iterator[dg.DagsterInstance]:
    """Reads what was written through the kept-open log: that log itself, and Dagster's own on the same files."""
    if request.param == "kept_open":
        yield kept_open
    else:
        with dagsters_own(home) as instance:
            assert type(instance.event_log_storage) is SqliteEventLogStorage
            yield instance


def test_the_home_that_is_prepared_uses_it_where_dagster_keeps_its_databases(
    kept_open: dg.DagsterInstance, home: Path, run_id: str
) -> None:
    assert type(kept_open.event_log_storage) is KeptOpenEventLog
    databases = home / "history" / "runs"
    assert {path.name for path in databases.glob("*.db")} == {"index.db", f"{run_id}.db"}


def test_the_log_of_a_run_holds_every_event(reader: dg.DagsterInstance, run_id: str) -> None:
    entries = [record.event_log_entry for record in reader.get_records_for_run(run_id).records]
    counted = Counter(entry.dagster_event_type.value for entry in entries if entry.dagster_event_type)
    assert {name: counted[name] for name in EVENTS} == EVENTS
    assert [entry.user_message for entry in entries if not entry.is_dagster_event] == [f"{key} done" for key in KEYS]
    assert reader.get_run_stats(run_id).materializations == EVENTS["ASSET_MATERIALIZATION"]


def test_exactly_what_was_materialised_is_shown_so(reader: dg.DagsterInstance) -> None:
    assert reader.get_materialized_partitions(UPSTREAM) == set(KEYS)
    assert reader.get_materialized_partitions(DOWNSTREAM) == GOOD_KEYS
    states = reader.get_status_by_partition(DOWNSTREAM, KEYS, partitions) or {}
    assert {key: getattr(states[key], "name", None) for key in KEYS} == {
        key: "FAILED" if key == BAD_KEY else "MATERIALIZED" for key in KEYS
    }


def test_the_latest_storage_ids_lead_to_the_materialisations(reader: dg.DagsterInstance) -> None:
    ids = reader.event_log_storage.get_latest_storage_id_by_partition(
        UPSTREAM, dg.DagsterEventType.ASSET_MATERIALIZATION, set(KEYS)
    )
    found = reader.fetch_materializations(dg.AssetRecordsFilter(UPSTREAM, storage_ids=list(ids.values())), limit=9)
    assert {str(record.partition_key): record.storage_id for record in found.records} == ids
    assert set(ids) == set(KEYS)
    assert {
        record.asset_materialization.metadata["rows"].value
        for record in found.records
        if record.asset_materialization
    } == {1}


def test_the_checks_are_known_by_partition(reader: dg.DagsterInstance, run_id: str) -> None:
    assert check_states(reader, CHECK, run_id) == {
        key: ("FAILED" if key == BAD_KEY else "SUCCEEDED", run_id) for key in KEYS
    }
    assert check_states(reader, UNEVALUATED, run_id) == dict.fromkeys(KEYS, ("PLANNED", run_id))


def test_the_tables_are_those_of_dagsters_own_log_after_the_same_run(home: Path, run_id: str, tmp_path: Path) -> None:
    with dagsters_own(tmp_path) as instance:
        other = run_over_all_keys(instance)
    for shard, its_shard in (("index", "index"), (run_id, other)):
        mine, its = rows_of(home, shard), rows_of(tmp_path, its_shard)
        assert mine == its
        assert len(mine) > 10


def test_a_planned_check_is_stored_without_the_other_partitions_of_the_range(
    reader: dg.DagsterInstance, run_id: str
) -> None:
    history = reader.event_log_storage.get_asset_check_execution_history(UNEVALUATED, limit=9)
    planned: list[Any] = [record.event and record.event.get_dagster_event() for record in history]
    assert {event.event_type_value for event in planned} == {"ASSET_CHECK_EVALUATION_PLANNED"}
    assert {event.asset_check_planned_data.partitions_subset for event in planned} == {None}
    of_the_run = reader.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED)
    for record in of_the_run.records:
        subset = record.event_log_entry.get_dagster_event().asset_check_planned_data.partitions_subset
        assert subset is not None
        assert set(subset.get_partition_keys()) == set(KEYS)


@pytest.mark.parametrize(
    ("base", "name", "parameters"),
    [
        (SqliteEventLogStorage, "__init__", "self base_dir inst_data"),
        (SqliteEventLogStorage, "config_type", ""),
        (SqliteEventLogStorage, "from_config_value", "inst_data config_value"),
        (SqliteEventLogStorage, "_initdb", "self engine for_index_shard"),
        (SqliteEventLogStorage, "_connect", "self shard"),
        (SqliteEventLogStorage, "path_for_shard", "self run_id"),
        (SqliteEventLogStorage, "has_table", "self table_name"),
        (SqliteEventLogStorage, "watch", "self run_id cursor callback"),
        (SqliteEventLogStorage, "wipe", "self"),
        (SqliteEventLogStorage, "dispose", "self"),
        (SqlEventLogStorage, "_has_asset_key_col_on_connection", "self conn column_name"),
        (SqlEventLogStorage, "_store_asset_check_evaluation_planned", "self event event_id"),
        (SqlEventLogStorage, "_event_insert_timestamp", "self event"),
        (
            sqlite_event_log.SqliteEventLogStorageWatchdog,
            "__init__",
            "self event_log_storage run_id callback cursor kwargs",
        ),
        (sqlite_event_log.SqliteEventLogStorageWatchdog, "on_modified", "self event"),
        (sqlite_event_log.SqliteEventLogStorageWatchdog, "_process_log", "self"),
    ],
)
def test_dagster_still_has_what_is_overridden_or_used(base: type, name: str, parameters: str) -> None:
    assert list(inspect.signature(vars(base)[name].__get__(None, base)).parameters) == parameters.split()


def check_states(instance: dg.DagsterInstance, check: dg.AssetCheckKey, run_id: str) -> dict[str, tuple[str, str]]:
    found = instance.event_log_storage.get_asset_check_partition_info([check])
    return {
        str(info.partition_key): (info.latest_execution_status.name, info.latest_planned_run_id) for info in found
    }


def rows_of(home: Path, shard: str) -> list[tuple[Any, ...]]:
    """What tells the rows of a database apart, in their order; neither ids of runs nor times."""
    connection = sqlite3.connect(home / "history" / "runs" / f"{shard}.db")
    rows = connection.execute(
        "SELECT id, dagster_event_type, step_key, asset_key, partition FROM event_logs"
    ).fetchall()
    rows += connection.execute(
        "SELECT id, asset_key, check_name, partition, execution_status, evaluation_event_storage_id "
        "FROM asset_check_executions"
    ).fetchall()
    rows += connection.execute("SELECT asset_key, key, value FROM asset_event_tags").fetchall()
    rows += connection.execute("SELECT asset_key, last_run_id IS NULL FROM asset_keys").fetchall()
    connection.close()
    return rows
