"""Where Dagster's home is, and whether Dagster can work there."""

import os
from dataclasses import dataclass
from pathlib import Path

from dagster._core.storage.sqlite import create_db_conn_string
from sqlalchemy.engine import make_url

from persona_assets.errors import SettingsError
from persona_assets.regular_files import read_regular
from persona_assets.setting_names import ENV_PREFIX
from persona_assets.workspace import Workspace

HOME_VARIABLE = "DAGSTER_HOME"
LONGEST_DATABASE_PATH = 511
"""Bytes, SQLite's own limit."""
INSTANCE_FILE = "dagster.yaml"
_MOST_BYTES = 2**20


@dataclass(frozen=True)
class Home:
    """A folder that may not exist yet."""

    path: Path
    is_own: bool
    """Whether it belongs to the workspace. Any other may be shared with projects that do not have this package."""
    setting: str
    """The setting it comes from, with its value, for messages."""

    @classmethod
    def of(cls, workspace: Workspace) -> "Home":
        """The folder DAGSTER_HOME if that is set, else a folder in the workspace."""
        named = os.environ.get(HOME_VARIABLE)
        if not named:
            return cls(workspace.dagster_home, True, f"{ENV_PREFIX}WORKSPACE={str(workspace.root)!r}")
        own = os.path.realpath(named) == os.path.realpath(workspace.dagster_home)
        return cls(Path(named), own, f"{HOME_VARIABLE}={named!r}")

    @property
    def instance_file(self) -> Path:
        return self.path / INSTANCE_FILE

    def read_instance_file(self) -> bytes | None:
        """The content of ``dagster.yaml``. None: there is none. Empty: it cannot be read, which Dagster reports."""
        try:
            return read_regular(self.instance_file, _MOST_BYTES)
        except FileNotFoundError:
            return None
        except OSError:
            return b""

    def check(self) -> None:
        """Check that Dagster can use its path. Makes nothing.

        Raises:
            SettingsError: it cannot be Dagster's home, and why.
        """
        if not self.path.is_absolute():
            raise SettingsError(f"{self.setting} must be an absolute path; export it as one, or unset it")
        if not self._has_other_storage():
            self._refuse_paths_that_sqlite_cannot_open()

    def make(self) -> None:
        """Make the folder, after checking that Dagster can use its path.

        Raises:
            SettingsError: it cannot be Dagster's home, and why.
        """
        self.check()
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"{self.setting}: Dagster's home {self.path} cannot be made ({error.strerror}); {self._advise()}"
            ) from error

    def _has_other_storage(self) -> bool:
        lines = (self.read_instance_file() or b"").splitlines()
        return any(line.startswith((b"storage:", b"run_storage:")) for line in lines)

    def _refuse_paths_that_sqlite_cannot_open(self) -> None:
        longest = os.fsencode(self.path / "history" / "runs" / f"{'x' * 36}.db-journal")
        if len(longest) > LONGEST_DATABASE_PATH:
            most = LONGEST_DATABASE_PATH - len(longest) + len(os.fsencode(self.path))
            raise SettingsError(
                f"{self.setting}: Dagster's home {self.path} has a path of {len(os.fsencode(self.path))} bytes, but "
                f"SQLite cannot open its databases if it has more than {most}; {self._advise()}"
            )
        url = create_db_conn_string(str(self.path), "runs")
        if make_url(url).database != url.removeprefix("sqlite:///"):
            raise SettingsError(
                f"{self.setting}: Dagster cannot open its SQLite databases below {self.path}, because it reads '?', "
                f"and '%' before two hexadecimal digits, as parts of a URL; {self._advise()}"
            )

    def _advise(self) -> str:
        if self.setting.startswith(HOME_VARIABLE):
            return "set it to another folder, or unset it"
        return f"use another folder, or set {HOME_VARIABLE} to one"
