"""The event log in real processes: a killed writer, a fork, another process on the same databases."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from persona_assets_tests.dagster_defs import WRITTEN, dagsters_own, write

WRITER = """
import sys
import dagster as dg
with dg.DagsterInstance.get() as instance:
    for number in range(100_000):
        instance.report_runless_asset_event(dg.AssetMaterialization("written", partition=f"{number}"))
        print(number, flush=True)
"""
OTHER_PROCESS = """
import sys
from pathlib import Path
import dagster as dg
from persona_assets_tests.dagster_defs import dagsters_own
written, seen = 0, set()
with dagsters_own(Path(sys.argv[1])) as instance:
    print("ready", flush=True)
    while "last" not in seen:
        now = instance.get_materialized_partitions(dg.AssetKey("written"))
        assert now >= seen, "an event has vanished"
        seen = now
        instance.report_runless_asset_event(dg.AssetMaterialization("other", partition=f"{written}"))
        written += 1
print(written)
"""
FORKING = """
import os, sys, threading
from pathlib import Path
import dagster as dg
from persona_assets_tests.dagster_defs import open_files, write

def keep_writing():
    for number in range(60):
        write(instance, f"thread_{number}")

with dg.DagsterInstance.get() as instance:
    write(instance, "before")
    thread = threading.Thread(target=keep_writing)
    thread.start()
    for number in range(5):
        child = os.fork()
        if not child:
            inherited = open_files(Path(sys.argv[1]))
            write(instance, f"child_{number}")
            os._exit(inherited)
        write(instance, f"parent_{number}")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    thread.join()
"""


def test_a_killed_writer_leaves_every_event_it_was_acknowledged(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        acknowledged = [next(writer.stdout).strip() for _ in range(100)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    with dagsters_own(home) as instance:
        assert instance.get_materialized_partitions(WRITTEN) >= set(acknowledged)
        assert len(instance.all_logs("")) > len(acknowledged)
    for database in ("index.db", ".db"):
        assert query(home, database, "PRAGMA integrity_check") == [("ok",)]


def test_another_process_with_dagsters_own_log_reads_and_writes_at_the_same_time(
    home: Path, instance: dg.DagsterInstance
) -> None:
    command = [sys.executable, "-c", OTHER_PROCESS, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert next(other.stdout) == "ready\n"
        partitions = [*(str(number) for number in range(100)), "last"]
        for partition in partitions:
            write(instance, partition)
        written = int(next(other.stdout))
    assert other.returncode == 0
    assert written > 1
    assert instance.get_materialized_partitions(dg.AssetKey("other")) == {str(number) for number in range(written)}
    assert instance.get_materialized_partitions(WRITTEN) == set(partitions)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_inherits_no_database_and_both_sides_go_on_writing(home: Path) -> None:
    subprocess.run([sys.executable, "-c", FORKING, str(home)], check=True, timeout=60)
    expected = {"before", *(f"thread_{number}" for number in range(60))}
    expected |= {f"{side}_{number}" for side in ("parent", "child") for number in range(5)}
    with dagsters_own(home) as instance:
        assert instance.get_materialized_partitions(WRITTEN) == expected
    assert query(home, "index.db", "PRAGMA integrity_check") == [("ok",)]


def query(home: Path, database: str, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(home / "history" / "runs" / database)
    rows = connection.execute(statement).fetchall()
    connection.close()
    return rows
