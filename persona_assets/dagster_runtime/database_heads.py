"""Databases of Dagster that two processes created at the same time, which then cannot be opened any more.

Dagster writes the revision of its tables into each database. A process that finds the tables just made by another,
and the revision not yet written, takes them for old ones, and adds an old revision to the right one.
"""

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from persona_assets.errors import StorageError

DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
"""Below the home, where Dagster keeps them unless told otherwise."""


def check_heads(home: Path) -> None:
    """Refuse a home with a database that has more than one revision. Nothing is written.

    Raises:
        StorageError: naming each such database, and the command that mends it.
    """
    broken = [path for path in (home / name for name in DATABASES) if len(_revisions(path)) > 1]
    if broken:
        names = " and ".join(map(str, broken))
        commands = "\n  ".join(_mending(path) for path in broken)
        raise StorageError(
            f"{names}: written by two processes at once when new, and has two revisions, so that Dagster cannot "
            f"open it. All else is well: end what uses {home}, and take the older one out with\n  {commands}"
        )


def _revisions(database: Path) -> list[str]:
    if not database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    except sqlite3.Error:  # not made yet, or damaged in another way, which Dagster reports
        return []


def _mending(database: Path) -> str:
    older = ", ".join(f"'{revision}'" for revision in _without_newest(_revisions(database)))
    statement = f"DELETE FROM alembic_version WHERE version_num IN ({older})"
    program = f"import sqlite3; d = sqlite3.connect({str(database)!r}); d.execute({statement!r}); d.commit()"
    return f"python3 -c {shlex.quote(program)}"


def _without_newest(revisions: list[str]) -> Iterator[str]:
    newest = _newest()
    keep = newest if newest in revisions else revisions[0]
    return (revision for revision in revisions if revision != keep)


def _newest() -> str | None:
    """The revision of the tables that the Dagster installed here makes."""
    from alembic.script import ScriptDirectory
    from dagster._core.storage.runs.sqlite import sqlite_run_storage
    from dagster._core.storage.sql import get_alembic_config

    return ScriptDirectory.from_config(get_alembic_config(sqlite_run_storage.__file__)).get_current_head()
