"""Detecting databases of Dagster that two processes created at the same time, and that cannot be opened any more.

Dagster records the revision of its tables in each database. If a process finds tables that another process has just
made, but no revision yet, it treats them as old and adds an old revision beside the right one.
"""

import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from persona_assets.errors import StorageError

DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
"""Paths below the home, where Dagster keeps them by default."""


def check_heads(home: Path) -> None:
    """Refuse a home with a database that has more than one revision. Writes nothing.

    Raises:
        StorageError: with each such database, and the command that repairs it.
    """
    broken = [path for path in (home / name for name in DATABASES) if len(_read_revisions(path)) > 1]
    if broken:
        names = " and ".join(map(str, broken))
        commands = "\n  ".join(_build_repair_command(path) for path in broken)
        raise StorageError(
            f"{names}: created by two processes at the same time, and has two revisions, so Dagster cannot open it. "
            f"Its content is intact. End every process that uses {home}, and remove the older revision with\n  "
            f"{commands}"
        )


def _read_revisions(database: Path) -> list[str]:
    if not database.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    except sqlite3.Error:  # not created yet, or damaged in another way, which Dagster reports
        return []


def _build_repair_command(database: Path) -> str:
    older = ", ".join(f"'{revision}'" for revision in _drop_newest(_read_revisions(database)))
    statement = f"DELETE FROM alembic_version WHERE version_num IN ({older})"
    program = f"import sqlite3; d = sqlite3.connect({str(database)!r}); d.execute({statement!r}); d.commit()"
    return f"python3 -c {shlex.quote(program)}"


def _drop_newest(revisions: list[str]) -> Iterator[str]:
    newest = _find_newest()
    keep = newest if newest in revisions else revisions[0]
    return (revision for revision in revisions if revision != keep)


def _find_newest() -> str | None:
    """The current revision of the tables in the installed version of Dagster."""
    from alembic.script import ScriptDirectory
    from dagster._core.storage.runs.sqlite import sqlite_run_storage
    from dagster._core.storage.sql import get_alembic_config

    return ScriptDirectory.from_config(get_alembic_config(sqlite_run_storage.__file__)).get_current_head()
