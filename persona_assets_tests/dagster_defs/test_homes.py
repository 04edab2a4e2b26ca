"""Dagster's home: the workspace's own, one of somebody else, one that several commands open first at once."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.errors import PersonaAssetsError, SettingsError
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import KEYS

pytestmark = pytest.mark.campaign

PROGRAM = Path(sys.executable).parent / "persona-assets"
KEY = KEYS[0]
FORMER_SHA256 = "6e5921c01460d79635de1566a9d7f6122a358a3d0a5d90576b339108161c2b4a"
"""Of the dagster.yaml that versions before the move of the event log wrote."""
WITHOUT_THE_PACKAGE = """\
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0].startswith("persona_assets"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
import dagster as dg
with dg.DagsterInstance.get() as instance:
    print(len(instance.get_materialized_partitions(dg.AssetKey("histogram"))))
"""
OPEN_AT = """\
import sys, time
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
workspace = Workspace.of(load_settings())
time.sleep(max(0.0, float(sys.argv[1]) - time.time()))
with open_instance(workspace):
    pass
"""


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120
    )


def create(**environment: str) -> subprocess.CompletedProcess[str]:
    model, kind, name = KEY.split("__")
    return run(PROGRAM, "create", "--type", kind, "--model", model, "--name", name, **environment)


@pytest.mark.parametrize("settings", [None, "telemetry: {enabled: false}\n"], ids=["empty", "with a dagster.yaml"])
def test_in_the_home_of_others_everything_works_and_nothing_is_written_that_they_could_not_read(
    workspace_with_corpus: Path, tmp_path: Path, settings: str | None
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if settings:
        (home / "dagster.yaml").write_text(settings, encoding="utf-8")
    done = create(DAGSTER_HOME=str(home))
    assert done.returncode == 0, done.stdout + done.stderr
    cost = [line for line in done.stdout.splitlines() if "DAGSTER_HOME" in line]
    assert len(cost) == 1
    assert "five times" in cost[0]
    assert "not queued" in cost[0]
    assert (home / "dagster.yaml").exists() is bool(settings)
    assert not settings or (home / "dagster.yaml").read_text(encoding="utf-8") == settings
    assert not (workspace_with_corpus / "dagster_home").exists()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        tags = {run.tags.get("persona_assets/workspace") for run in instance.get_runs()}
    assert tags == {str(workspace_with_corpus.resolve())}
    opened = run(sys.executable, "-c", WITHOUT_THE_PACKAGE, DAGSTER_HOME=str(home))
    assert opened.stdout.strip() == "1", opened.stderr


def test_the_workspaces_own_home_costs_nothing_by_whatever_name_it_is_called(
    workspace_with_corpus: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(workspace_with_corpus)
    done = create(DAGSTER_HOME=str(tmp_path / "link" / "dagster_home"))
    assert done.returncode == 0, done.stderr
    assert "DAGSTER_HOME" not in done.stdout
    assert "KeptOpenEventLog" in (workspace_with_corpus / "dagster_home" / "dagster.yaml").read_text(encoding="utf-8")


FORMER_LINE = "  module: persona_assets.dagster_defs.event_log"


def former_settings(home: Path) -> str:
    """What an earlier version wrote into a home of the workspace: the event log was another module then."""
    with open_instance(Workspace.of(load_settings())):
        pass
    written = (home / "dagster.yaml").read_text(encoding="utf-8")
    former = written.replace("persona_assets.dagster_runtime.event_log", "persona_assets.dagster_defs.event_log")
    assert hashlib.sha256(former.encode()).hexdigest() == FORMER_SHA256
    return former


def test_settings_that_an_earlier_version_wrote_are_renewed(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = workspace_with_corpus / "dagster_home"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    former = former_settings(home)
    current = (home / "dagster.yaml").read_text(encoding="utf-8")
    (home / "dagster.yaml").write_text(former, encoding="utf-8")
    with open_instance(Workspace.of(load_settings())) as instance:
        assert type(instance.event_log_storage).__name__ == "KeptOpenEventLog"
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == current


@pytest.mark.parametrize("own", [True, False], ids=["own home, changed by hand", "home of others"])
def test_other_settings_that_name_the_former_module_are_refused_by_line_and_left_alone(
    workspace_with_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    home = workspace_with_corpus / "dagster_home"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    settings = former_settings(home) + "# persona_assets.dagster_defs.event_log\n" * own
    if not own:
        home = tmp_path / "home"
        home.mkdir()
        monkeypatch.setenv("DAGSTER_HOME", str(home))
    (home / "dagster.yaml").write_text(settings, encoding="utf-8")
    with pytest.raises(SettingsError) as caught, open_instance(Workspace.of(load_settings())):
        pass
    line = settings.splitlines().index(FORMER_LINE) + 1
    assert f"{home / 'dagster.yaml'}, line {line}: {FORMER_LINE.strip()!r}" in str(caught.value)
    assert "with persona_assets.dagster_runtime.event_log" in str(caught.value)
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == settings


def test_a_comment_that_names_the_former_module_is_accepted(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = workspace_with_corpus / "dagster_home"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    home.mkdir(parents=True)
    settings = f"telemetry: {{enabled: false}}\n#{FORMER_LINE}\n"
    (home / "dagster.yaml").write_text(settings, encoding="utf-8")
    with open_instance(Workspace.of(load_settings())):
        pass
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == settings


def test_a_home_opened_first_by_several_processes_at_once_has_one_revision_per_database(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("DAGSTER_HOME", str(workspace_with_corpus / "dagster_home"))
    for number in range(2):
        at = str(time.time() + 4)
        home = workspace_with_corpus / f"home_{number}"
        environment = os.environ | {"DAGSTER_HOME": str(home)}
        opening = [subprocess.Popen([sys.executable, "-c", OPEN_AT, at], env=environment) for _ in range(4)]
        assert [one.wait(60) for one in opening] == [0] * 4
        found = {path.name: len(revisions(path)) for path in home.rglob("*.db")}
        assert found == {"runs.db": 1, "index.db": 1, "schedules.db": 1}


def revisions(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]


def test_a_home_that_was_spoilt_so_is_told_and_mended_as_told(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = workspace_with_corpus / "dagster_home"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    workspace = Workspace.of(load_settings())
    with open_instance(workspace) as instance:
        instance.add_dynamic_partitions("persona_datasets", [KEY])
    database = home / "history" / "runs.db"
    right = revisions(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('5771160a95ad')")
        connection.commit()
    done = run(PROGRAM, "compare")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert str(database) in done.stderr
    command = next(line for line in done.stderr.splitlines() if line.strip().startswith("python3 -c"))
    assert run("sh", "-c", command.replace("python3", sys.executable, 1)).returncode == 0
    assert revisions(database) == right
    with open_instance(workspace) as instance:
        assert instance.get_dynamic_partitions("persona_datasets") == [KEY]


@pytest.mark.parametrize("name", ["a?b", "a%20b", "x" * 200 + "/" + "y" * 200 + "/" + "z" * 80])
def test_a_home_that_sqlite_cannot_open_is_refused_by_its_setting_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PERSONA_WORKSPACE", str(tmp_path / name))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with (
        pytest.raises(PersonaAssetsError, match=r"PERSONA_WORKSPACE=.* set DAGSTER_HOME"),
        open_instance(Workspace.of(load_settings())),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a%b", "a b", "a#b&c=d;e", "x" * 200 + "/" + "y" * 100])
def test_other_odd_names_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    workspace = tmp_path / name
    monkeypatch.setenv("PERSONA_WORKSPACE", str(workspace))
    monkeypatch.setenv("DAGSTER_HOME", str(workspace / "dagster_home"))
    for _ in range(2):
        with open_instance(Workspace.of(load_settings())) as instance:
            instance.report_runless_asset_event(dg.AssetMaterialization("made"))
            run = instance.create_run_for_job(dg.GraphDefinition("empty").to_job())
            instance.report_run_failed(run)
    with open_instance(Workspace.of(load_settings())) as instance:
        assert len(instance.get_runs()) == 2


EARLIER_MODULE, MODULE = "persona_assets.dagster_defs.event_log", "persona_assets.dagster_runtime.event_log"


def test_settings_that_an_earlier_version_wrote_are_brought_up_to_date_and_the_home_opens(
    workspace_with_corpus: Path,
) -> None:
    workspace = Workspace.of(load_settings())
    with open_instance(workspace):
        pass
    file = workspace.dagster_home / "dagster.yaml"
    written = file.read_text(encoding="utf-8")
    assert MODULE in written
    file.write_text(written.replace(MODULE, EARLIER_MODULE), encoding="utf-8")
    with open_instance(workspace) as instance:
        assert type(instance.event_log_storage).__module__ == MODULE
    assert file.read_text(encoding="utf-8") == written


def test_settings_of_a_user_that_name_the_earlier_event_log_are_left_alone_and_the_line_to_change_is_named(
    workspace_with_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    text = f"event_log_storage:\n  module: {EARLIER_MODULE}\n  class: KeptOpenEventLog\n"
    (home / "dagster.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with (
        pytest.raises(PersonaAssetsError, match=rf"dagster.yaml, line 2: .*replace {EARLIER_MODULE} with {MODULE}"),
        open_instance(Workspace.of(load_settings())),
    ):
        pass
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == text
