"""Opening Dagster's instance: the account of runs, partitions and materialisations that the UI shows too."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log import SqliteEventLogStorage

from persona_assets.dagster_runtime.abandoned_runs import close_abandoned_runs
from persona_assets.dagster_runtime.database_heads import check_heads
from persona_assets.dagster_runtime.event_log import KeptOpenEventLog
from persona_assets.dagster_runtime.homes import HOME_VARIABLE, Home
from persona_assets.dagster_runtime.own_names import PARTITIONS
from persona_assets.dagster_runtime.storage_errors import storage_errors
from persona_assets.errors import BusyError
from persona_assets.store.locks import locked
from persona_assets.workspace import Workspace

LOCK_FILE = ".persona_assets.lock"
PATIENCE_SECONDS = 120.0
"""Creating the databases takes seconds, also for several commands that come one after the other."""


def prepare_home(workspace: Workspace) -> Path:
    """Make Dagster's home ready and name it in the environment, for this process and its children.

    The home is DAGSTER_HOME if that is set, else a folder of the workspace. Only the latter gets our settings.

    Raises:
        SettingsError: the folder that is set cannot be Dagster's home.
        StorageError: it cannot be written, or holds a database that two processes had spoilt.
    """
    home = Home.of(workspace)
    home.make()
    with storage_errors(home.path):
        home.write_settings()
    check_heads(home.path)
    os.environ[HOME_VARIABLE] = str(home.path)
    return home.path


@contextmanager
def open_instance(workspace: Workspace) -> Iterator[dg.DagsterInstance]:
    """The persistent instance, once runs that no process works on any more are closed.

    Raises:
        SettingsError: the folder that is set cannot be Dagster's home.
        StorageError: Dagster cannot read or write there, now or in the block.
    """
    home = Home.of(workspace)
    home.make()
    with storage_errors(home.path):
        with _one_at_a_time(home.path):
            prepare_home(workspace)
            opened = dg.DagsterInstance.get()
            opened.get_dynamic_partitions(PARTITIONS)  # the first use finishes the database of events
        with opened as instance:
            close_abandoned_runs(instance, workspace)
            yield instance


def cost_of_home(instance: dg.DagsterInstance, workspace: Workspace) -> str | None:
    """What another home than the workspace's own costs, in one line; None if nothing."""
    home, costs = Home.of(workspace), []
    if home.is_own:
        return None
    storage = instance.event_log_storage
    if isinstance(storage, SqliteEventLogStorage) and not isinstance(storage, KeptOpenEventLog):
        costs.append("events cost about five times as much")
    queue = instance.get_concurrency_config().run_queue_config
    if queue is None or queue.max_concurrent_runs != 1:
        costs.append("runs launched from the UI are not queued one after the other")
    if not costs:
        return None
    return (
        f"{home.setting} is used as it is: {', and '.join(costs)}. Unset it for {workspace.dagster_home}, or see "
        "'A Dagster home of your own' in docs/scaling.md"
    )


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Two processes that create the databases at once can spoil them; where nothing can be written, none is made."""
    with ExitStack() as held:
        if os.access(home, os.W_OK):
            try:
                held.enter_context(locked(home / LOCK_FILE, PATIENCE_SECONDS))
            except BusyError as error:
                raise BusyError(
                    f"{home / LOCK_FILE} has been held for {PATIENCE_SECONDS:.0f} s by a process that opens "
                    "Dagster's databases there; wait for it, or end it"
                ) from error
        yield
