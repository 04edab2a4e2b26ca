"""Dagster's own commands do the work as the package's do, over the same home."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.dagster_runtime.instance import prepare_home
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import STAGES, partition_states
from persona_assets_tests.raw_corpus import KEYS

pytestmark = pytest.mark.campaign

RANGE = sorted(KEYS)[2:5]


@pytest.fixture
def home(workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(workspace_with_corpus / "dagster_home"))
    return prepare_home(Workspace(workspace_with_corpus, workspace_with_corpus / "persona-data"))


def dagster(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "dagster"), *arguments, "-m", "persona_assets.definitions"]
    return subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)


def test_dagster_materialises_a_range_of_partitions_in_one_run(home: Path) -> None:
    registered = dagster("job", "execute", "-j", "register_raw_files")
    assert registered.returncode == 0, registered.stderr
    selection = ("--select", "group:persona_datasets", "--partition-range", f"{RANGE[0]}...{RANGE[-1]}")
    done = dagster("asset", "materialize", *selection, PERSONA_KEYS_PER_RUN="0")
    assert done.returncode == 0, done.stderr
    with dg.DagsterInstance.get() as instance:
        for stage in STAGES:
            expected = {key: "MATERIALIZED" if key in RANGE else "none" for key in KEYS}
            assert partition_states(instance, stage) == expected
        assert instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.SUCCESS])) == 2
