"""Where Dagster's home is, and what this package writes there: settings into its own, nothing into another."""

import os
from dataclasses import dataclass
from pathlib import Path

from dagster._core.storage.sqlite import create_db_conn_string
from sqlalchemy.engine import make_url

from persona_assets.errors import SettingsError
from persona_assets.settings import ENV_PREFIX
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace

HOME_VARIABLE = "DAGSTER_HOME"
LONGEST_DATABASE_PATH = 511
"""Bytes, SQLite's own limit."""
INSTANCE_FILE = "dagster.yaml"
EVENT_LOG_MODULE = "persona_assets.dagster_runtime.event_log"
_EARLIER_EVENT_LOG_MODULE = "persona_assets.dagster_defs.event_log"
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
  module: {EVENT_LOG_MODULE}
  class: KeptOpenEventLog
  config:
    home:
      env: DAGSTER_HOME
"""


@dataclass(frozen=True)
class Home:
    """A folder that may not be there yet."""

    path: Path
    is_own: bool
    """Whether it is the workspace's own. Any other may be shared with projects that lack this package."""
    setting: str
    """What it was set by, with its value, for messages."""

    @classmethod
    def of(cls, workspace: Workspace) -> "Home":
        """DAGSTER_HOME if that is set, else a folder of the workspace."""
        named = os.environ.get(HOME_VARIABLE)
        if not named:
            return cls(workspace.dagster_home, True, f"{ENV_PREFIX}WORKSPACE={str(workspace.root)!r}")
        own = os.path.realpath(named) == os.path.realpath(workspace.dagster_home)
        return cls(Path(named), own, f"{HOME_VARIABLE}={named!r}")

    @property
    def instance_file(self) -> Path:
        return self.path / INSTANCE_FILE

    def make(self) -> None:
        """Make the folder, once its name is known to be one that Dagster can work with.

        Raises:
            SettingsError: it cannot be Dagster's home, and why.
        """
        if not self.path.is_absolute():
            raise SettingsError(f"{self.setting} must be an absolute path; export it as one, or unset it")
        if not self._has_other_storage():
            self._refuse_paths_that_sqlite_cannot_open()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"{self.setting}: Dagster's home {self.path} cannot be made ({error.strerror}); {self._way_out()}"
            ) from error

    def write_settings(self) -> None:
        """Into the workspace's own home, unless it has some that a user may have changed.

        Raises:
            SettingsError: they name the event log where earlier versions had it, so that Dagster could not load it.
        """
        found = self._read_settings()
        if self.is_own and found in (None, _INSTANCE_SETTINGS.replace(EVENT_LOG_MODULE, _EARLIER_EVENT_LOG_MODULE)):
            with new_file(self.instance_file) as staged:
                staged.write_text(_INSTANCE_SETTINGS, encoding="utf-8")
        elif found and _EARLIER_EVENT_LOG_MODULE in found:
            raise SettingsError(
                f"{self.instance_file} names {_EARLIER_EVENT_LOG_MODULE}, where the event log no longer is; "
                f"write {EVENT_LOG_MODULE} there instead"
            )

    def _read_settings(self) -> str | None:
        if not self.instance_file.exists():
            return None
        try:
            return self.instance_file.read_text(encoding="utf-8")
        except (OSError, ValueError):  # Dagster says what is wrong with it
            return ""

    def _has_other_storage(self) -> bool:
        lines = (self._read_settings() or "").splitlines()
        return any(line.startswith(("storage:", "run_storage:")) for line in lines)

    def _refuse_paths_that_sqlite_cannot_open(self) -> None:
        longest = os.fsencode(self.path / "history" / "runs" / f"{'x' * 36}.db-journal")
        if len(longest) > LONGEST_DATABASE_PATH:
            most = LONGEST_DATABASE_PATH - len(longest) + len(os.fsencode(self.path))
            raise SettingsError(
                f"{self.setting}: Dagster's home {self.path} has a path of {len(os.fsencode(self.path))} bytes, and "
                f"its SQLite databases cannot be opened below one of more than {most}; {self._way_out()}"
            )
        url = create_db_conn_string(str(self.path), "runs")
        if make_url(url).database != url.removeprefix("sqlite:///"):
            raise SettingsError(
                f"{self.setting}: Dagster cannot open its SQLite databases below {self.path}, for it takes '?', and "
                f"'%' before two hexadecimal digits, for parts of a URL; {self._way_out()}"
            )

    def _way_out(self) -> str:
        if self.setting.startswith(HOME_VARIABLE):
            return "set it to another folder, or unset it"
        return f"use another folder, or set {HOME_VARIABLE} to one"
