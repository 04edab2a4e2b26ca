"""The last lines of ``generate``: what was quarantined, warned of or not taken, and what went wrong."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.dagster_defs.batch import materialise_batch
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.definitions import defs
from persona_assets.errors import StorageError
from persona_assets.keys import DatasetKey
from persona_assets.run.many_keys import run_tasks
from persona_assets.run.progress import NoProgress
from persona_assets.settings import load_settings
from persona_assets_tests.end_to_end import open_instance
from persona_assets_tests.raw_corpus import KEYS, responses_file, write_persona
from persona_assets_tests.scaling import tasks_of

pytestmark = pytest.mark.campaign

PROGRAM = str(Path(sys.executable).parent / "persona-assets")
FULL, WARNED, QUIET = KEYS[1], KEYS[2], KEYS[0]


def generate(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [PROGRAM, "generate", "--workers", "1", *arguments]
    return subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False, timeout=120)


def spoil(path: Path, invalid: int, incomplete: int) -> None:
    """Add lines that are no JSON, and lines that lack fields."""
    with path.open("a", encoding="utf-8") as file:
        file.write("no JSON\n" * invalid + '{"label": "pos"}\n' * incomplete)


def test_quarantined_lines_and_warnings_end_the_summary_for_unchanged_keys_too(workspace: Path) -> None:
    raw = workspace / "persona-data"
    write_persona(raw, QUIET, questions=1)
    write_persona(raw, FULL, questions=1)
    spoil(responses_file(raw, FULL), invalid=1500, incomplete=20)
    for done, last in (
        (generate(workspace), "2 of 2 keys done, 0 failed"),
        (generate(workspace), "2 of 2 keys done (2 were up to date), 0 failed"),
    ):
        assert done.returncode == 0
        lines = done.stdout.splitlines()
        (quarantined,) = [line for line in lines if " lines quarantined in " in line]
        assert quarantined == (
            f"1,520 of 1,525 lines quarantined in 1 key: {FULL} (1,500 invalid_json, 20 missing_field)"
        )
        (warned,) = [line for line in lines if " warned: " in line]
        assert warned.startswith("1 key warned: ")
        assert "no_quarantined_lines 1" in warned
        assert warned.endswith("; see 'persona-assets status'")
        assert lines.index(quarantined) < lines.index(last)


def test_a_clean_corpus_is_summed_up_without_remarks(workspace: Path) -> None:
    write_persona(workspace / "persona-data", QUIET)
    done = generate(workspace)
    assert done.returncode == 0
    assert "quarantined" not in done.stdout
    assert "warned" not in done.stdout


def test_files_that_are_not_taken_are_counted_and_make_the_exit_code_1(workspace: Path) -> None:
    write_persona(workspace / "persona-data", QUIET, questions=1)
    responses = responses_file(workspace / "persona-data", QUIET).parent
    for name in ("two__names.jsonl", "notes.txt"):
        (responses / name).write_text("{}\n", encoding="utf-8")
    done = generate(workspace)
    assert done.returncode == 1
    assert "2 files of the raw root not taken; see 'persona-assets list'" in done.stdout.splitlines()
    assert "1 of 1 keys done, 0 failed" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("error", "expected_done", "expected_runs"),
    [
        (StorageError("the database of runs cannot be written: disk full"), 2, 2),
        (dg.DagsterInvariantViolationError("a partition is gone\nand more"), 4, 3),
    ],
    ids=["storage ends the batch", "another error costs its own run"],
)
def test_what_is_done_stays_in_the_account_when_a_run_raises(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, expected_done: int, expected_runs: int
) -> None:
    for key in KEYS[:6]:
        write_persona(workspace / "persona-data", key, questions=1)
    calls: list[object] = []
    execute: Callable[..., Any] = dg.JobDefinition.execute_in_process

    def failing(job: dg.JobDefinition, **named: Any) -> Any:
        calls.append(named)
        if len(calls) == 2:
            raise error
        return execute(job, **named)

    with open_instance(workspace) as instance:
        monkeypatch.setattr(dg.JobDefinition, "execute_in_process", failing)
        result = materialise_batch(
            defs,
            instance,
            [DatasetKey.parse(key) for key in KEYS[:6]],
            config=PersonaRunConfig(workers=1),
            keys_per_run=2,
            listener=NoProgress(),
        )
    assert len(result.done) == expected_done
    assert result.failed == {}
    (problem,) = result.problems
    assert str(error).splitlines()[0] in problem
    assert len(calls) == expected_runs


def test_a_run_that_fails_although_no_key_did_is_a_problem(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_persona(workspace / "persona-data", QUIET, questions=1)

    def broken(*_: object) -> None:
        raise ValueError("cannot be told")

    with open_instance(workspace) as instance:
        monkeypatch.setattr("persona_assets.dagster_defs.run_report.RunReport.end", broken)
        result = materialise_batch(
            defs,
            instance,
            [DatasetKey.parse(QUIET)],
            config=PersonaRunConfig(workers=1),
            keys_per_run=2,
            listener=NoProgress(),
        )
    assert (result.done, result.failed) == ([QUIET], {})
    (problem,) = result.problems
    assert "cannot be told" in problem


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the worker through Linux's /proc")
def test_a_single_key_that_kills_its_worker_fails_and_the_process_goes_on(workspace: Path) -> None:
    write_persona(workspace / "persona-data", QUIET, questions=1)
    outcomes = run_tasks(tasks_of(load_settings(), [QUIET]), workers=1)
    killer = threading.Thread(target=kill_workers_at_work, args=(workspace,))
    killer.start()
    (outcome,) = outcomes
    killer.join()
    assert outcome.failure
    assert "the worker process died, perhaps because it ran out of memory" in outcome.failure.message


def kill_workers_at_work(workspace: Path) -> None:
    """Twice, as the kernel would, because the key is tried again. It is at work: the test holds the key's lock."""
    import filelock

    from persona_assets_tests.scaling.test_stopping_a_run import descendants, wait_until

    lock = workspace / "persona_locks" / f"{QUIET}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    killed: set[int] = set()
    with filelock.FileLock(lock):
        for times in (1, 2):
            wait_until(lambda: bool(set(descendants(os.getpid(), depth=2)) - killed), f"no worker began {times}")
            for worker in set(descendants(os.getpid(), depth=2)) - killed:
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)
