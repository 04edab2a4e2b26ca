"""``dagster.yaml``: written into the workspace's own home, and never into another, which others may read too."""

from persona_assets.dagster_runtime.homes import Home
from persona_assets.errors import SettingsError
from persona_assets.store.replacement import new_file

_EVENT_LOG = "persona_assets.dagster_runtime.event_log"
_FORMER_EVENT_LOG = "persona_assets.dagster_defs.event_log"
"""Where the event log was when earlier versions wrote their settings. Dagster cannot load it from there any more."""

_INSTANCE_SETTINGS = f"""\
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
  module: {_EVENT_LOG}
  class: KeptOpenEventLog
  config:
    home:
      env: DAGSTER_HOME
"""
_FORMER_SETTINGS = _INSTANCE_SETTINGS.replace(_EVENT_LOG, _FORMER_EVENT_LOG)


def write_instance_settings(home: Home) -> None:
    """Write the settings into the workspace's own home, unless it has some. Renew those that earlier versions wrote.

    Raises:
        SettingsError: settings changed by hand, or those of another home, name a module that has moved.
    """
    current = home.read_instance_file()
    if home.is_own and current in (None, _FORMER_SETTINGS.encode()):
        with new_file(home.instance_file) as staged:
            staged.write_text(_INSTANCE_SETTINGS, encoding="utf-8")
    elif current:
        _refuse_former_module(home, current.decode(errors="replace"))


def _refuse_former_module(home: Home, settings: str) -> None:
    for number, line in enumerate(settings.splitlines(), start=1):
        if _FORMER_EVENT_LOG in line.partition("#")[0]:
            raise SettingsError(
                f"{home.instance_file}, line {number}: {line.strip()!r} names a module that has moved; "
                f"replace {_FORMER_EVENT_LOG} with {_EVENT_LOG}"
            )
