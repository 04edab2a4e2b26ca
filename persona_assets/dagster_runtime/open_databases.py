"""SQLite databases that stay open: one engine per file, the least recently used closed first.

Opening a database costs more than using it. A new SQLAlchemy engine compiles every statement again, and when the last
connection closes, SQLite writes its log back and deletes it. Dagster's own storage does both for every query.
"""

import os
import sqlite3
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine

MOST_OPEN = 16
"""Most databases open at once: the index and those of the latest runs. Each takes three file descriptors."""
BUSY_TIMEOUT_SECONDS = 30.0
"""How long to wait for a writer in another process. Dagster uses the same timeout."""


class OpenDatabases:
    """Connections that are kept open, used by one thread at a time, and safe across ``fork`` and deletion.

    SQLite forbids a forked child to inherit connections. So all databases are closed before a fork, and opened again
    at the next use in parent and child. A file that was deleted or replaced is opened and prepared again.
    """

    def __init__(self, prepare: Callable[[Engine], None], most_open: int = MOST_OPEN) -> None:
        self._prepare = prepare
        self._most_open = most_open
        self._opened: OrderedDict[Path, _Opened] = OrderedDict()
        self._prepared: set[Path] = set()
        # Reentrant, so that a thread that is connected can fork without a deadlock.
        self._lock = threading.RLock()
        self._at_exit = weakref.finalize(self, _close_all, self._opened)
        _ALIVE.add(self)

    @contextmanager
    def transaction(self, path: Path) -> Iterator[Connection]:
        """Connect to the database at ``path``. Commits at the end, rolls back on an error."""
        with self._lock, self._engine(path).begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all databases. They are opened again at their next use."""
        with self._lock:
            _close_all(self._opened)

    def hold_closed(self) -> None:
        """Wait until no thread is connected, close all, and block connections until ``release``."""
        self._lock.acquire()
        _close_all(self._opened)

    def release(self) -> None:
        self._lock.release()

    def _engine(self, path: Path) -> Engine:
        identity = _identify(path)
        opened = self._opened.get(path)
        if opened and opened.identity != identity:
            self._opened.pop(path).engine.dispose()
            self._prepared.discard(path)
            opened = None
        if identity is None:
            self._prepared.discard(path)
        if opened is None:
            opened = self._opened[path] = self._open(path)
            while len(self._opened) > self._most_open:
                self._opened.popitem(last=False)[1].engine.dispose()
        self._opened.move_to_end(path)
        return opened.engine

    def _open(self, path: Path) -> "_Opened":
        engine = _create_engine(path)
        try:
            if path not in self._prepared:
                self._prepare(engine)
                self._prepared.add(path)
        except BaseException:
            engine.dispose()
            raise
        return _Opened(engine, _identify(path))


@dataclass(frozen=True)
class _Opened:
    engine: Engine
    identity: tuple[int, int] | None
    """Device and inode of the file the engine has open."""


class _TidyConnection(sqlite3.Connection):
    """Keeps track of its cursors. One that is not read to its end would hide later changes from other queries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: weakref.WeakSet[sqlite3.Cursor] = weakref.WeakSet()

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        cursor = super().cursor(*args, **kwargs)
        self._cursors.add(cursor)
        return cursor

    def close_cursors(self) -> None:
        for cursor in list(self._cursors):
            cursor.close()
        self._cursors.clear()


def _create_engine(path: Path) -> Engine:
    """Create the engine of one file. It keeps one connection; others, needed to prepare, are closed after use."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=1,
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "factory": _TidyConnection},
    )
    event.listen(engine, "connect", _without_waiting_for_the_disk)
    event.listen(engine, "checkin", _close_cursors)
    return engine


def _without_waiting_for_the_disk(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")


def _close_cursors(connection: _TidyConnection | None, _record: Any) -> None:
    if connection is not None:
        connection.close_cursors()


def _identify(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _close_all(opened: OrderedDict[Path, _Opened]) -> None:
    while opened:
        opened.popitem()[1].engine.dispose()


_ALIVE: weakref.WeakSet[OpenDatabases] = weakref.WeakSet()
_held: list[OpenDatabases] = []


def _before_fork() -> None:
    for databases in list(_ALIVE):
        databases.hold_closed()
        _held.append(databases)


def _after_fork() -> None:
    while _held:
        _held.pop().release()


if hasattr(os, "register_at_fork"):  # Windows does not have fork
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
