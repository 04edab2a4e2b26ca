"""The event log when it writes: what stays open, what is seen meanwhile, and databases that are deleted."""

import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.dagster_runtime.event_log import KeptOpenEventLog
from persona_assets_tests.dagster_defs import WRITTEN, dagsters_own, open_files, write


def test_threads_of_one_process_write_together(instance: dg.DagsterInstance) -> None:
    partitions = [str(number) for number in range(100)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda partition: write(instance, partition), partitions))
    assert instance.get_materialized_partitions(WRITTEN) == set(partitions)


def test_no_database_is_opened_for_an_event(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    write(instance, "first")
    connect, opened = sqlite3.dbapi2.connect, []

    def recording(*arguments: Any, **options: Any) -> Any:
        opened.append(arguments)
        return connect(*arguments, **options)

    monkeypatch.setattr(sqlite3.dbapi2, "connect", recording)
    for partition in "abc":
        write(instance, partition)
    assert opened == []


def test_writing_waits_for_the_disk_only_at_checkpoints(instance: dg.DagsterInstance) -> None:
    storage = instance.event_log_storage
    assert isinstance(storage, KeptOpenEventLog)
    with storage.index_connection() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_a_watcher_sees_events_while_the_writer_keeps_its_database_open(instance: dg.DagsterInstance) -> None:
    seen: list[str] = []
    report(instance, "run", "before")
    with dg.DagsterInstance.get() as watching:
        watching.watch_event_logs(
            "run", watching.get_records_for_run("run").cursor, lambda entry, _: seen.append(str(entry.message))
        )
        for message in ("first", "second"):
            report(instance, "run", message)
        end = time.monotonic() + 10
        while len(seen) < 2 and time.monotonic() < end:
            time.sleep(0.01)
    assert seen == ["first", "second"]


def test_a_home_that_was_copied_elsewhere_has_a_log_of_its_own(home: Path, instance: dg.DagsterInstance) -> None:
    instance.dispose()
    shutil.copytree(home, home.parent / "copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home.parent / "copy"))
        with dg.DagsterInstance.get() as copy:
            write(copy, "only_there")
    assert not instance.has_asset_key(WRITTEN)


def test_a_log_deleted_by_another_process_is_begun_anew(home: Path, instance: dg.DagsterInstance) -> None:
    report(instance, "run", "lost")
    for file in (home / "history" / "runs").glob("run.db*"):
        file.unlink()
    report(instance, "run", "kept")
    assert messages(instance, "run") == ["kept"]
    with dagsters_own(home) as other:
        assert messages(other, "run") == ["kept"]


def test_wiping_removes_everything_and_writing_goes_on(home: Path, instance: dg.DagsterInstance) -> None:
    report(instance, "run", "before")
    write(instance, "before")
    instance.event_log_storage.wipe()
    assert not (home / "history" / "runs" / "run.db").exists()
    report(instance, "run", "after")
    write(instance, "after")
    assert messages(instance, "run") == ["after"]
    assert instance.get_materialized_partitions(WRITTEN) == {"after"}


def test_the_events_of_one_run_can_be_deleted(instance: dg.DagsterInstance) -> None:
    for run in ("run", "other"):
        report(instance, run, run)
    instance.event_log_storage.delete_events("run")
    assert messages(instance, "run") == []
    assert messages(instance, "other") == ["other"]


def test_nothing_is_left_open_or_unmerged_after_dispose(home: Path, instance: dg.DagsterInstance) -> None:
    report(instance, "run", "text")
    instance.dispose()
    assert open_files(home) == 0
    assert not list((home / "history" / "runs").glob("*-wal"))


def report(instance: dg.DagsterInstance, run_id: str, message: str) -> None:
    instance.report_engine_event(message, job_name="job", run_id=run_id)


def messages(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [str(record.event_log_entry.message) for record in instance.get_records_for_run(run_id).records]
