"""A cluster that cannot be used is refused with the mend; one that fails midway costs what it has to, no more."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from persona_assets.errors import SettingsError
from persona_assets.run import common_ground, dask_cluster, many_keys
from persona_assets.run.common_ground import CommonGround
from persona_assets.run.key_task import KeyTask
from persona_assets.run.many_keys import run_tasks
from persona_assets.run.outcome import KeyOutcome
from persona_assets.settings import load_settings
from persona_assets_tests.end_to_end import open_instance, run_range
from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.scaling import tasks_of
from persona_assets_tests.scaling.dask_cluster import WITHOUT_PACKAGE, DaskCluster, after

pytestmark = pytest.mark.campaign

pytest.importorskip("distributed", reason="the cluster extra is not installed: pip install 'persona_assets[cluster]'")

NOWHERE = "tcp://127.0.0.1:1"
DEADLY = KEYS[2]
NO_WORKERS_SECONDS = 1.0


@dataclass(frozen=True)
class DeadlyTask(KeyTask):
    """Ends the process that works on one of the keys, as the kernel does for want of memory."""

    def run(self) -> KeyOutcome:
        if str(self.key) == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    dask = DaskCluster(tmp_path_factory.mktemp("cluster"), allowed_failures=0)
    try:
        dask.start()
        yield dask
    finally:
        dask.stop()


@pytest.fixture
def dask(started: DaskCluster, workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> DaskCluster:
    """A scheduler, named in the settings, that gives a task up with the first worker that dies of it."""
    monkeypatch.setenv("PERSONA_SCHEDULER", started.address)
    monkeypatch.setattr(many_keys, "LONGEST_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(dask_cluster, "PATIENCE_WITHOUT_WORKERS_SECONDS", NO_WORKERS_SECONDS)
    return started


def test_a_worker_of_another_version_is_refused_by_name(dask: DaskCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    dask.ensure_workers(1)
    monkeypatch.setattr(common_ground, "package_version", lambda: "99.1")
    message = refusal()
    assert f"PERSONA_SCHEDULER = {dask.address!r}: 1 of its workers cannot be used" in message
    assert "the run has 99.1; install the same on both" in message


def test_a_worker_that_does_not_see_a_folder_is_refused(dask: DaskCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    dask.ensure_workers(1)
    ground = replace(CommonGround.of(load_settings()), folders=(Path("/no/such/folder"),))
    monkeypatch.setattr(CommonGround, "of", lambda _: ground)
    assert "has no folder /no/such/folder; mount it there under the same path" in refusal()


def test_a_worker_with_another_folder_of_the_same_name_is_refused(
    dask: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def unseen_flag(ground: CommonGround) -> Iterator[Path]:
        yield ground.workspace.corpus_ownership.lock.with_name("flag_of_another_machine.lock")

    dask.ensure_workers(1)
    monkeypatch.setattr(CommonGround, "flag", unseen_flag)
    assert "is a different folder there; mount the same file system on both" in refusal()


def test_a_file_system_without_locks_between_machines_is_refused(
    dask: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def unlocked_flag(ground: CommonGround) -> Iterator[Path]:
        with original(ground) as path:
            other = path.with_name("unlocked.lock")
            other.touch()
            yield other

    original = CommonGround.flag
    dask.ensure_workers(1)
    monkeypatch.setattr(CommonGround, "flag", unlocked_flag)
    assert "use a file system with flock, such as NFS 4" in refusal()


def test_the_check_of_the_workers_leaves_nothing_in_the_workspace(
    dask: DaskCluster, workspace_with_corpus: Path
) -> None:
    dask.ensure_workers(1)
    (outcome,) = run_tasks(tasks_of(load_settings(), KEYS[:1]), workers=1)
    assert outcome.failure is None
    assert not list(workspace_with_corpus.rglob("flag_*"))


def test_a_worker_that_joins_later_without_the_folders_fails_its_keys_with_the_reason(
    dask: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    dask.ensure_workers(1)
    ground = replace(CommonGround.of(load_settings()), folders=(Path("/no/such/folder"),))
    monkeypatch.setattr(CommonGround, "of", lambda _: ground)
    monkeypatch.setattr(dask_cluster, "_check_workers", lambda *_: None)
    (outcome,) = run_tasks(tasks_of(load_settings(), KEYS[:1]), workers=1)
    assert outcome.failure
    assert "PERSONA_SCHEDULER: one of its workers has no folder /no/such/folder" in outcome.failure.message


@pytest.mark.parametrize(
    ("start", "threads", "problem"),
    [(WITHOUT_PACKAGE, 1, "install the same persona_assets there"), (None, 2, "start it with --nthreads 1")],
    ids=["without the package", "with threads"],
)
def test_a_worker_that_is_started_wrongly_is_refused(
    dask: DaskCluster, start: list[str] | None, threads: int, problem: str
) -> None:
    dask.stop_workers()
    dask.add_worker(start=start, threads=threads)
    try:
        assert problem in refusal()
    finally:
        dask.stop_workers()


def test_a_key_that_kills_its_workers_fails_alone(dask: DaskCluster) -> None:
    dask.ensure_workers(3)
    tasks = [DeadlyTask(**vars(task)) for task in tasks_of(load_settings())]
    outcomes = {str(outcome.key): outcome.failure for outcome in run_tasks(tasks, workers=1)}
    assert outcomes.keys() == set(KEYS)
    failure = outcomes.pop(DEADLY)
    assert failure
    assert "the worker process died" in failure.message
    assert {key: failure.message for key, failure in outcomes.items() if failure} == {}


def test_keys_fail_with_the_reason_when_no_worker_is_left(dask: DaskCluster) -> None:
    dask.stop_workers()
    dask.ensure_workers(1)
    tasks = [DeadlyTask(**vars(task)) for task in tasks_of(load_settings(), KEYS[2:5])]
    outcomes = list(run_tasks(tasks, workers=1))
    assert {str(outcome.key) for outcome in outcomes} == set(KEYS[2:5])
    assert [outcome.failure.message for outcome in outcomes if outcome.failure] == [
        f"PERSONA_SCHEDULER = {dask.address!r}: no worker for 1 s; start some with 'dask worker'"
    ] * 3


def test_keys_fail_with_the_reason_when_the_scheduler_is_lost(
    workspace_with_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dask = DaskCluster(tmp_path)
    monkeypatch.setattr(many_keys, "LONGEST_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(dask_cluster, "PATIENCE_TO_CONNECT_SECONDS", 2.0)
    done = workspace_with_corpus / "persona_manifests"
    try:
        dask.start()
        dask.ensure_workers(1)
        monkeypatch.setenv("PERSONA_SCHEDULER", dask.address)
        ender = threading.Thread(target=after, args=(lambda: any(done.glob("*.json")), dask.stop_scheduler))
        ender.start()
        outcomes = list(run_tasks(tasks_of(load_settings()), workers=1))
        ender.join()
    finally:
        dask.stop()
    assert sorted(str(outcome.key) for outcome in outcomes) == sorted(KEYS)
    assert outcomes[-1].failure
    assert "the scheduler was lost" in outcomes[-1].failure.message


def test_a_scheduler_that_is_not_there_fails_the_run_and_is_named(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_SCHEDULER", NOWHERE)
    monkeypatch.setattr(dask_cluster, "PATIENCE_TO_CONNECT_SECONDS", 1.0)
    with open_instance(workspace_with_corpus) as instance:
        run = run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[1]))
    (event,) = (event for event in run.all_events if event.is_step_failure)
    text = str(event.step_failure_data.error)
    assert f"PERSONA_SCHEDULER = {NOWHERE!r}: no Dask scheduler was reached there within 1 s" in text
    assert "start one with 'dask scheduler', or unset it" in text


@pytest.mark.parametrize("address", ["no-such-protocol://somewhere:1", "tcp://127.0.0.1:99999999", "::"])
def test_an_address_that_is_none_is_refused(
    address: str, workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_SCHEDULER", address)
    monkeypatch.setattr(dask_cluster, "PATIENCE_TO_CONNECT_SECONDS", 1.0)
    assert f"PERSONA_SCHEDULER = {address!r}: no Dask scheduler was reached there" in refusal()


def test_an_event_loop_that_does_not_start_in_time_is_one_sentence(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_SCHEDULER", NOWHERE)
    monkeypatch.setattr(threading.Event, "wait", lambda *_, **__: False)
    monkeypatch.setattr(threading.Thread, "start", lambda _: None)
    assert "within 10 s (its event loop did not start, this machine is very busy)" in refusal()


def test_without_distributed_the_extra_to_install_is_named(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_SCHEDULER", NOWHERE)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'persona_assets[cluster]'" in refusal()


def refusal() -> str:
    with pytest.raises(SettingsError) as caught:
        list(run_tasks(tasks_of(load_settings()), workers=1))
    return str(caught.value)
