"""Dagster's SQLite event log at a fraction of its cost: the same files, kept open.

``dagster.yaml`` names ``KeptOpenEventLog``. To return to Dagster's own storage, remove those lines: it reads and
writes the same databases, even at the same time.

Committed events survive the death of the process. With ``synchronous=NORMAL`` they may not be on the disk yet,
because SQLite waits for the disk only when it writes its log back into the database. A power cut leaves intact
databases, but may lose the last events, and not necessarily the same ones from the log of a run and from the index.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import StringSource
from dagster._config.config_schema import UserConfigSchema
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationPlanned
from dagster._core.event_api import EventHandlerFn
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorageWatchdog
from dagster._serdes import ConfigurableClassData, serialize_value
from sqlalchemy.engine import Connection
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

from persona_assets.dagster_runtime.open_databases import OpenDatabases

EVENT_LOGS = ("history", "runs")
"""Dagster's default folder for the databases in its home, so that both classes find the same ones."""


class KeptOpenEventLog(SqliteEventLogStorage):
    """Keeps the index and the logs of the latest runs open, and caches what Dagster queries for every event."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._databases = OpenDatabases(self._initdb)
        self._tables: set[str] = set()
        self._asset_key_columns: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {"home": StringSource}

    @classmethod
    def from_config_value(  # type: ignore[override]  # Dagster's own class narrows it in the same way
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, str]
    ) -> "KeptOpenEventLog":
        return cls(str(Path(config_value["home"], *EVENT_LOGS)), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._databases.transaction(Path(self.path_for_shard(shard))) as connection:
            yield connection

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table. A table that was found is cached, because tables are never removed."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._asset_key_columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._asset_key_columns.add(column_name)
        return column_name in self._asset_key_columns

    def _store_asset_check_evaluation_planned(self, event: EventLogEntry, event_id: int | None) -> None:
        """Write one row per partition, as Dagster does, but with an event that does not list the whole range.

        Dagster stores the event of the whole range with every partition in it: nearly a gigabyte for 1,300 partitions
        and 13 checks. The log of the run keeps that event.
        """
        planned: Any = event.get_dagster_event().event_specific_data
        if not planned.partitions_subset:
            super()._store_asset_check_evaluation_planned(event, event_id)
            return
        row = {
            "asset_key": planned.asset_key.to_string(),
            "check_name": planned.check_name,
            "run_id": event.run_id,
            "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
            "evaluation_event": serialize_value(_without_partitions(event, planned)),
            "evaluation_event_timestamp": self._event_insert_timestamp(event),  # type: ignore[no-untyped-call]
            "evaluation_event_storage_id": event_id,
        }
        rows = [row | {"partition": key} for key in planned.partitions_subset.get_partition_keys()]
        with self.index_connection() as connection:
            connection.execute(AssetCheckExecutionsTable.insert(), rows)

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        if not self._obs:
            self._obs: Any = Observer()
            self._obs.start()
        watchdog = _LogWatchdog(self, run_id, callback, cursor)
        self._watchers[run_id][callback] = watchdog, self._obs.schedule(watchdog, self._base_dir, recursive=True)

    def wipe(self) -> None:
        self._databases.close()
        super().wipe()

    def dispose(self) -> None:
        super().dispose()
        self._databases.close()


class _LogWatchdog(SqliteEventLogStorageWatchdog):
    """Watches SQLite's write-ahead log too, where events of a database that is kept open are written first."""

    def __init__(
        self, storage: SqliteEventLogStorage, run_id: str, callback: EventHandlerFn, cursor: str | None
    ) -> None:
        super().__init__(storage, run_id, callback, cursor)
        self._patterns = [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, _event: FileSystemEvent) -> None:
        self._process_log()


def _without_partitions(event: EventLogEntry, planned: AssetCheckEvaluationPlanned) -> EventLogEntry:
    of_any_partition = AssetCheckEvaluationPlanned(asset_key=planned.asset_key, check_name=planned.check_name)
    return event._replace(dagster_event=event.get_dagster_event()._replace(event_specific_data=of_any_partition))
