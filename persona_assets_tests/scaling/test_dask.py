"""With ``PERSONA_SCHEDULER`` the workers of a Dask cluster do the work, and nothing else changes."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.collection.leftovers import clean_up
from persona_assets.run import many_keys
from persona_assets.run.many_keys import run_tasks
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import (
    STAGES,
    files_below,
    open_instance,
    partition_states,
    run_range,
)
from persona_assets_tests.raw_corpus import KEYS, MODELS, write_corpus, write_settings
from persona_assets_tests.scaling import remove_outputs, tasks_of
from persona_assets_tests.scaling.dask_cluster import DaskCluster, after

pytestmark = pytest.mark.campaign

pytest.importorskip("distributed", reason="the cluster extra is not installed: pip install 'persona_assets[cluster]'")

ALL_DONE = dict.fromkeys(KEYS, "MATERIALIZED")


@dataclass(frozen=True)
class Local:
    """A workspace in which this machine has made everything once; the outputs are removed again."""

    workspace: Path
    instance: dg.DagsterInstance
    files: dict[str, str]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    workspace = tmp_path_factory.mktemp("dask") / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    with open_instance(workspace) as instance:
        assert run_range(instance, workspace, (KEYS[0], KEYS[-1])).success
        yield Local(workspace, instance, files_below(workspace))


@pytest.fixture(scope="module")
def running_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    started = DaskCluster(tmp_path_factory.mktemp("cluster"))
    try:
        started.start()
        yield started
    finally:
        started.stop()


@pytest.fixture
def dask(running_cluster: DaskCluster, local: Local, monkeypatch: pytest.MonkeyPatch) -> DaskCluster:
    """A cluster of two workers that the settings name, and an empty workspace for them."""
    running_cluster.ensure_workers(2)
    use(running_cluster, local.workspace, monkeypatch)
    return running_cluster


def use(dask: DaskCluster, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove_outputs(workspace)
    monkeypatch.setenv("PERSONA_WORKSPACE", str(workspace))
    monkeypatch.setenv("PERSONA_SCHEDULER", dask.address)
    monkeypatch.setattr(many_keys, "LONGEST_WAIT_SECONDS", 0.5)


def test_a_cluster_makes_the_bytes_that_one_machine_makes(dask: DaskCluster, local: Local) -> None:
    run = run_range(local.instance, local.workspace, (KEYS[0], KEYS[-1]))
    assert run.success
    assert [partition_states(local.instance, stage) for stage in STAGES] == [ALL_DONE] * len(STAGES)
    assert files_below(local.workspace) == local.files


def test_a_worker_that_is_killed_midway_costs_no_key(dask: DaskCluster, local: Local) -> None:
    manifests = local.workspace / "persona_manifests"
    killer = threading.Thread(target=after, args=(lambda: any(manifests.glob("*.json")), dask.kill_a_worker))
    killer.start()
    run = run_range(local.instance, local.workspace, (KEYS[0], KEYS[-1]))
    killer.join()
    assert len(dask.living_workers()) == 1
    assert run.success
    clean_up(Workspace.of(load_settings()))  # as the next run does
    assert files_below(local.workspace) == local.files


def test_who_stops_taking_outcomes_cancels_what_no_worker_has_begun(dask: DaskCluster, local: Local) -> None:
    outcomes = run_tasks(tasks_of(load_settings()), workers=1)
    first = next(iter(outcomes))
    outcomes.close()  # type: ignore[attr-defined]
    time.sleep(2)
    made = {file.stem for file in (local.workspace / "persona_manifests").glob("*.json")}
    assert str(first.key) in made
    assert len(made) < len(KEYS)
