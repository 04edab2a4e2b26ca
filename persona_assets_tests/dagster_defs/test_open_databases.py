"""Databases that are kept open: how many, and that what stays open neither hides nor keeps anything."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from persona_assets.dagster_runtime.open_databases import MOST_OPEN, OpenDatabases
from persona_assets_tests.dagster_defs import open_files


def test_only_the_latest_of_a_hundred_databases_stay_open(tmp_path: Path) -> None:
    prepared: list[str] = []
    databases = OpenDatabases(lambda engine: prepared.append(str(engine.url.database)))
    for turn in range(2):
        for number in range(100):
            with databases.transaction(tmp_path / f"{number}.db") as connection:
                connection.execute(text("PRAGMA journal_mode=WAL"))
                connection.execute(text("CREATE TABLE IF NOT EXISTS turns (turn)"))
                connection.execute(text("INSERT INTO turns VALUES (:turn)"), {"turn": turn})
            assert open_files(tmp_path) <= 3 * MOST_OPEN
    with databases.transaction(tmp_path / "0.db") as connection:
        assert connection.execute(text("SELECT turn FROM turns")).scalars().all() == [0, 1]
    assert len(prepared) == len(set(prepared)) == 100
    databases.close()
    assert open_files(tmp_path) == 0


def test_a_database_in_constant_use_is_never_closed(tmp_path: Path) -> None:
    databases = OpenDatabases(make_table)
    connections = set()
    for number in range(3 * MOST_OPEN):
        count_rows(databases, tmp_path / f"{number}.db")
        with databases.transaction(tmp_path / "index.db") as connection:
            connections.add(connection.connection.dbapi_connection)
    assert len(connections) == 1
    databases.close()


def test_a_transaction_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    databases = OpenDatabases(make_table)
    with pytest.raises(IntegrityError):
        insert(databases, tmp_path / "a.db", "(1)", "(NULL)")
    assert count_rows(databases, tmp_path / "a.db") == 0
    databases.close()


def test_a_result_that_was_not_read_to_its_end_does_not_hide_later_rows(tmp_path: Path) -> None:
    databases = OpenDatabases(make_table)
    insert(databases, tmp_path / "a.db", "(1), (2), (3)")
    with databases.transaction(tmp_path / "a.db") as connection:
        result = connection.execute(text("SELECT number FROM rows"))
        assert result.fetchone() == (1,)
    with sqlite3.connect(tmp_path / "a.db") as other:
        other.execute("INSERT INTO rows VALUES (4)")
    other.close()
    assert count_rows(databases, tmp_path / "a.db") == 4
    del result
    databases.close()


def make_table(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("PRAGMA journal_mode=WAL"))
        connection.execute(text("CREATE TABLE rows (number NOT NULL)"))


def insert(databases: OpenDatabases, path: Path, *values: str) -> None:
    """One transaction, a statement for each of ``values``."""
    with databases.transaction(path) as connection:
        for rows in values:
            connection.execute(text(f"INSERT INTO rows VALUES {rows}"))


def count_rows(databases: OpenDatabases, path: Path) -> int:
    with databases.transaction(path) as connection:
        return int(connection.execute(text("SELECT count(*) FROM rows")).scalar_one())
