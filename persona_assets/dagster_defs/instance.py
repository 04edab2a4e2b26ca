"""Dagster's home: where runs, partitions and materialisations are remembered."""

import os
from pathlib import Path

import dagster as dg

from persona_assets.dagster_defs.abandoned_runs import fail_abandoned_runs
from persona_assets.errors import SettingsError
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace

HOME_VARIABLE = "DAGSTER_HOME"
_INSTANCE_FILE = "dagster.yaml"
_INSTANCE_SETTINGS = """\
# Written once by persona-assets; change it as you like.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    # A run works on its keys in parallel and takes every core, so runs go one after the other.
    max_concurrent_runs: 1
event_log_storage:
  # Dagster's own SQLite databases, kept open: an event costs a fifth of the time. A power cut (not a crash of
  # Dagster) may take the last events. Without these lines Dagster opens and closes them for every event.
  module: persona_assets.dagster_defs.event_log
  class: KeptOpenEventLog
  config:
    home:
      env: DAGSTER_HOME
"""


def prepare_home(workspace: Workspace) -> Path:
    """Make Dagster's home ready and name it in the environment, for this process and its children.

    The home is DAGSTER_HOME if that is set, else a folder of the workspace.

    Raises:
        SettingsError: DAGSTER_HOME is no absolute path.
    """
    home = Path(os.environ.get(HOME_VARIABLE) or workspace.dagster_home)
    if not home.is_absolute():
        raise SettingsError(f"{HOME_VARIABLE}={str(home)!r} must be an absolute path; export it as one, or unset it")
    home.mkdir(parents=True, exist_ok=True)
    if not (home / _INSTANCE_FILE).exists():
        with new_file(home / _INSTANCE_FILE) as staged:
            staged.write_text(_INSTANCE_SETTINGS, encoding="utf-8")
    os.environ[HOME_VARIABLE] = str(home)
    return home


def open_instance(workspace: Workspace) -> dg.DagsterInstance:
    """Open the persistent instance that the UI shows too, and close runs that no process works on any more."""
    prepare_home(workspace)
    instance = dg.DagsterInstance.get()
    fail_abandoned_runs(instance, workspace)
    return instance
