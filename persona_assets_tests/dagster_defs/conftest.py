"""A home of its own for every test that writes events."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.dagster_runtime.event_log import KeptOpenEventLog
from persona_assets.dagster_runtime.instance import prepare_home
from persona_assets.workspace import Workspace


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with its databases made, to be copied: making them anew takes most of a second."""
    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder / "dagster_home"))
        home = prepare_home(Workspace(folder, folder))
        with dg.DagsterInstance.from_config(str(home)) as instance:
            instance.report_runless_asset_event(dg.AssetMaterialization("of_the_template"))
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(template, tmp_path / "home")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as opened:
        assert type(opened.event_log_storage) is KeptOpenEventLog
        yield opened
