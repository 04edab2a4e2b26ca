"""Opening Dagster's instance: its records of runs, partitions and materialisations, which the UI shows too."""

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
from persona_assets.dagster_runtime.instance_settings import write_instance_settings
from persona_assets.dagster_runtime.own_names import PARTITIONS
from persona_assets.dagster_runtime.storage_errors import translating_storage_errors
from persona_assets.errors import BusyError
from persona_assets.store.locks import locked
from persona_assets.workspace import Workspace

LOCK_FILE = ".persona_assets.lock"
PATIENCE_SECONDS = 120.0
"""Creating the databases takes seconds, even for several commands one after the other."""


def prepare_home(workspace: Workspace) -> Path:
    """Make Dagster's home ready, and set DAGSTER_HOME for this process and its children.

    The home is DAGSTER_HOME if that is set, else a folder in the workspace. Settings are written only into the
    latter.

    Raises:
        SettingsError: the folder cannot be Dagster's home, or its ``dagster.yaml`` names a module that has moved.
        StorageError: it cannot be written, or two processes have damaged one of its databases.
    """
    home = Home.of(workspace)
    home.make()
    with translating_storage_errors(home.path):
        write_instance_settings(home)
    check_heads(home.path)
    os.environ[HOME_VARIABLE] = str(home.path)
    return home.path


@contextmanager
def open_instance(workspace: Workspace) -> Iterator[dg.DagsterInstance]:
    """Open the persistent instance, after closing runs without a living process.

    Raises:
        SettingsError: as for ``prepare_home``.
        StorageError: Dagster cannot read or write there, now or in the block.
    """
    home = Home.of(workspace)
    home.make()
    with translating_storage_errors(home.path):
        with _one_at_a_time(home.path):
            prepare_home(workspace)
            opened = dg.DagsterInstance.get()
            opened.get_dynamic_partitions(PARTITIONS)  # the database of events is completed when it is first used
        with opened as instance:
            close_abandoned_runs(instance, workspace)
            yield instance


def describe_cost_of_home(instance: dg.DagsterInstance, workspace: Workspace) -> str | None:
    """Say in one line what it costs to use another home than the workspace's own. None if nothing."""
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
        f"{home.setting} is used as it is: {', and '.join(costs)}. Unset it to use {workspace.dagster_home}, or see "
        "'A Dagster home of your own' in docs/scaling.md"
    )


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Hold a lock, because two processes that create the databases together can damage them. Read-only: no lock."""
    with ExitStack() as held:
        if os.access(home, os.W_OK):
            try:
                held.enter_context(locked(home / LOCK_FILE, PATIENCE_SECONDS))
            except BusyError as error:
                raise BusyError(
                    f"{home / LOCK_FILE} has been held for {PATIENCE_SECONDS:.0f} s by a process that is "
                    "opening Dagster's databases there; wait for it, or end it"
                ) from error
        yield
