"""A run that is cancelled, or killed, stops soon, keeps what is done and leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.dagster_runtime import abandoned_runs
from persona_assets.dagster_runtime.abandoned_runs import close_abandoned_runs
from persona_assets.run.many_keys import run_tasks
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import open_instance, partition_states, run_range
from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.scaling import tasks_of

pytestmark = pytest.mark.campaign

PATIENCE_SECONDS = 30.0
KEYS_BEFORE = 4
"""Keys done before a run is stopped: more than two workers have at hand, so that some are recorded."""
RUN_ALL = """\
import sys
from pathlib import Path
from persona_assets_tests.end_to_end import open_instance, run_range

workspace, first, last = sys.argv[1:]
with open_instance(Path(workspace)) as instance:
    run_range(instance, Path(workspace), (first, last), workers=2)
"""

linux_only = pytest.mark.skipif(
    not any(Path("/proc/self/task").glob("*/children")), reason="finds worker processes through Linux's /proc"
)


@linux_only
def test_closing_the_outcomes_stops_the_workers_and_keeps_what_was_done(workspace_with_corpus: Path) -> None:
    settings = load_settings()
    outcomes = run_tasks(tasks_of(settings), workers=2)
    first = next(iter(outcomes))
    workers = descendants(os.getpid(), depth=2)
    assert len(workers) == 2
    begun = time.monotonic()
    outcomes.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun < PATIENCE_SECONDS
    assert not [worker for worker in workers if alive(worker)]
    assert first.failure is None
    assert_whole_and_incomplete(workspace_with_corpus, at_least=[str(first.key)])


@linux_only
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda how: how.name)
def test_a_cancelled_dagster_run_ends_its_workers_and_its_account_is_what_is_on_disk(
    workspace_with_corpus: Path, how: signal.Signals
) -> None:
    run, workers = begun_run(workspace_with_corpus)
    run.send_signal(how)
    run.wait(PATIENCE_SECONDS)
    assert not [worker for worker in workers if alive(worker)]
    complete = assert_whole_and_incomplete(workspace_with_corpus)
    with open_instance(workspace_with_corpus) as instance:
        states = partition_states(instance, "histogram")
        recorded = {key for key, state in states.items() if state == "MATERIALIZED"}
        assert recorded
        assert recorded <= complete
        assert run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[-1])).success
        assert set(partition_states(instance, "histogram").values()) == {"MATERIALIZED"}


@linux_only
def test_workers_of_a_run_that_is_killed_end_by_themselves(workspace_with_corpus: Path) -> None:
    run, workers = begun_run(workspace_with_corpus)
    run.kill()
    run.wait(PATIENCE_SECONDS)
    wait_until(lambda: not [worker for worker in workers if alive(worker)], "workers outlive their run")


@linux_only
def test_a_killed_run_that_nobody_saw_end_is_marked_failed_and_a_living_one_is_left_alone(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abandoned_runs, "GRACE_SECONDS", dict.fromkeys(abandoned_runs.GRACE_SECONDS, 0.0))
    run, _ = begun_run(workspace_with_corpus)
    workspace = Workspace.of(load_settings(workspace=workspace_with_corpus))
    with open_instance(workspace_with_corpus) as instance:
        assert close_abandoned_runs(instance, workspace) == []
        run.kill()
        run.wait(PATIENCE_SECONDS)
        (dead,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        assert close_abandoned_runs(instance, workspace) == [dead.run_id]
        assert instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])) == []
        assert "MATERIALIZED" in partition_states(instance, "histogram").values()
        assert run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[-1])).success
        assert close_abandoned_runs(instance, workspace) == []
    assert list((workspace_with_corpus / "persona_locks").glob("run_*")) == []


def begun_run(workspace: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A Dagster run over all keys in a process of its own, with two workers, once some keys are done."""
    run = subprocess.Popen([sys.executable, "-c", RUN_ALL, str(workspace), KEYS[0], KEYS[-1]])
    wait_until(lambda: len(pictures(workspace)) >= KEYS_BEFORE, "too few keys were done")
    return run, descendants(run.pid, depth=2)


def assert_whole_and_incomplete(workspace: Path, at_least: list[str] | None = None) -> set[str]:
    """Every output is as its manifest says, some keys are complete and some not begun; return the complete ones."""
    verification = verify(Workspace.of(load_settings(workspace=workspace)), workers=1)
    assert verification.damages == ()
    complete = pictures(workspace)
    assert set(at_least or []) <= complete
    assert 0 < len(complete) < len(KEYS)
    return complete


def pictures(workspace: Path) -> set[str]:
    """The keys whose last stage is done."""
    return {picture.stem for picture in (workspace / "persona_token_plots").glob("*.png")}


def descendants(process: int, depth: int) -> list[int]:
    """Workers are grandchildren of a run: their parent is the forkserver."""
    files = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(child) for file in files for child in file.read_text().split()]
    return children if depth == 1 else [below for child in children for below in descendants(child, depth - 1)]


def alive(process: int) -> bool:
    """Whether it runs: the dead one that its parent has not yet asked for does not."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(0.01)
