"""One bad key never costs the good ones, whatever number of workers a run has."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.end_to_end import (
    STAGES,
    failure_text,
    files_below,
    open_instance,
    partition_states,
    run_job,
    run_range,
)
from persona_assets_tests.raw_corpus import (
    GEMMA,
    KEYS,
    LLAMA,
    MODELS,
    QWEN,
    responses_file,
    scores_file,
    write_corpus,
    write_persona,
    write_settings,
)

pytestmark = pytest.mark.campaign

NO_CONVERSATIONS = f"{GEMMA}__role__stoic"
NO_SCORES = f"{QWEN}__trait__stoic"
NO_TOKENIZER = frozenset(key for key in KEYS if key.startswith(LLAMA))
BEFORE_TOKENS, FROM_TOKENS = STAGES[:4], STAGES[4:]


@dataclass(frozen=True)
class BadRun:
    """A run over all keys: one raw file is no JSONL, one score file no JSON, one model has no tokenizer."""

    workspace: Path
    instance: dg.DagsterInstance
    run: dg.ExecuteInProcessResult


@pytest.fixture(scope="module", params=[1, 2], ids=lambda workers: f"workers={workers}")
def bad(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadRun]:
    workspace = tmp_path_factory.mktemp("isolation") / "workspace"
    raw = workspace / "persona-data"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER) | {LLAMA: "nobody/no-such-tokenizer"})
    write_corpus(raw)
    responses_file(raw, NO_CONVERSATIONS).write_bytes(b"<!DOCTYPE html>\n<p>502 Bad Gateway</p>\n")
    scores_file(raw, NO_SCORES).write_text('{\n "pos_p0_q0": 70,\n "pos_p0_q1": \n', encoding="utf-8")
    with open_instance(workspace) as instance:
        run = run_range(instance, workspace, (KEYS[0], KEYS[-1]), workers=request.param)
        yield BadRun(workspace, instance, run)


def test_a_run_with_a_bad_key_fails(bad: BadRun) -> None:
    assert not bad.run.success
    assert bad.instance.get_runs()[0].status == dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize("stage", BEFORE_TOKENS)
def test_every_good_key_is_materialised_and_every_bad_one_failed(bad: BadRun, stage: str) -> None:
    failed = {NO_CONVERSATIONS} | ({NO_SCORES} if stage != STAGES[0] else set())
    wanted = {key: "FAILED" if key in failed else "MATERIALIZED" for key in KEYS}
    assert partition_states(bad.instance, stage) == wanted
    assert bad.instance.get_materialized_partitions(dg.AssetKey(stage)) == set(KEYS) - failed


@pytest.mark.parametrize("stage", FROM_TOKENS)
def test_keys_without_a_tokenizer_fail_at_token_stats_and_no_others(bad: BadRun, stage: str) -> None:
    failed = {NO_CONVERSATIONS, NO_SCORES} | NO_TOKENIZER
    wanted = {key: "FAILED" if key in failed else "MATERIALIZED" for key in KEYS}
    assert partition_states(bad.instance, stage) == wanted


def test_the_error_names_the_raw_file_and_the_line(bad: BadRun) -> None:
    text = failure_text(bad.run)
    raw = bad.workspace / "persona-data"
    assert f"{NO_CONVERSATIONS}: raw_conversations: {responses_file(raw, NO_CONVERSATIONS)}, line 1: " in text
    assert f"{NO_SCORES}: scored_dataset: {scores_file(raw, NO_SCORES)}, line 4: " in text


def test_the_error_of_a_tokenizer_that_cannot_be_had_says_what_to_do(bad: BadRun) -> None:
    lines = failure_text(bad.run).splitlines()
    for key in NO_TOKENIZER:
        (line,) = (line for line in lines if line.startswith(f"{key}: token_stats: "))
        assert "nobody/no-such-tokenizer" in line
        assert "HF_TOKEN" in line
        assert "PERSONA_TOKENIZERS" in line


def test_the_error_counts_failed_keys_and_lists_no_good_one(bad: BadRun) -> None:
    first, *lines = failure_text(bad.run).splitlines()
    failed = {NO_CONVERSATIONS, NO_SCORES} | NO_TOKENIZER
    assert first.startswith(f"{len(failed)} of {len(KEYS)} keys failed")
    assert {line.split(":")[0] for line in lines} == failed


def test_a_bad_key_leaves_no_outputs_and_no_half_written_ones(bad: BadRun) -> None:
    files = files_below(bad.workspace)
    assert not [file for file in files if NO_CONVERSATIONS in file]
    assert not [file for file in files if ".partial" in file]


def test_a_mended_key_is_materialised_by_a_run_of_its_own(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    write_settings(workspace, {GEMMA: SAMPLE_TOKENIZER})
    write_persona(workspace / "persona-data", NO_CONVERSATIONS)
    raw_file = responses_file(workspace / "persona-data", NO_CONVERSATIONS)
    good = raw_file.read_bytes()
    raw_file.write_bytes(b"\xff\xfe\n")
    with open_instance(workspace) as instance:
        assert not run_range(instance, workspace, (NO_CONVERSATIONS, NO_CONVERSATIONS)).success
        raw_file.write_bytes(good)
        assert run_range(instance, workspace, (NO_CONVERSATIONS, NO_CONVERSATIONS)).success
        assert [partition_states(instance, stage) for stage in STAGES] == [{NO_CONVERSATIONS: "MATERIALIZED"}] * len(
            STAGES
        )


@pytest.mark.parametrize("wrong", ["no_such_form", "gemma-2-27b__role__../../escape"])
def test_a_partition_added_by_hand_that_is_no_key_fails_alone(tmp_path: Path, wrong: str) -> None:
    workspace = tmp_path / "workspace"
    write_settings(workspace, {GEMMA: SAMPLE_TOKENIZER})
    write_persona(workspace / "persona-data", NO_CONVERSATIONS)
    with open_instance(workspace) as instance:
        instance.add_dynamic_partitions("persona_datasets", [wrong])
        run = run_range(instance, workspace, (NO_CONVERSATIONS, wrong))
        assert partition_states(instance, STAGES[-1]) == {NO_CONVERSATIONS: "MATERIALIZED", wrong: "FAILED"}
        assert wrong in failure_text(run)
        assert run_job(instance, workspace, "refresh_catalogue").success


@pytest.mark.parametrize("content", ["", '{"model": "gemma', "{}", "[]"])
def test_a_damaged_statistics_record_fails_the_statistics_file_and_is_named(tmp_path: Path, content: str) -> None:
    workspace = tmp_path / "workspace"
    write_settings(workspace, {GEMMA: SAMPLE_TOKENIZER})
    write_persona(workspace / "persona-data", NO_CONVERSATIONS)
    record = workspace / "persona_token_stats" / f"{NO_CONVERSATIONS}.json"
    with open_instance(workspace) as instance:
        assert run_range(instance, workspace, (NO_CONVERSATIONS, NO_CONVERSATIONS)).success
        record.write_text(content, encoding="utf-8")
        run = run_job(instance, workspace, "refresh_catalogue")
    assert not run.success
    assert str(record) in failure_text(run)
    assert "materialise token_stats" in failure_text(run)


@pytest.mark.skipif(
    not any(Path("/proc/self/task").glob("*/children")), reason="finds a worker process through Linux's /proc"
)
def test_a_worker_that_is_killed_costs_at_most_the_keys_then_being_worked_on(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    killed: list[int] = []
    killer = threading.Thread(target=_kill_a_worker_once, args=(workspace, killed))
    with open_instance(workspace) as instance:
        killer.start()
        run_range(instance, workspace, (KEYS[0], KEYS[-1]), workers=2)
        killer.join()
        states = partition_states(instance, STAGES[-1])
    assert killed
    assert sum(state != "MATERIALIZED" for state in states.values()) <= 2


def _kill_a_worker_once(workspace: Path, killed: list[int]) -> None:
    """Kill one grandchild of this process (a worker: its parent is the forkserver) once a key has begun."""
    deadline = time.monotonic() + 20
    while not killed and time.monotonic() < deadline:
        if (workspace / "persona_manifests").exists():
            with suppress(OSError):
                worker = _a_grandchild_of(os.getpid())
                if worker:
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
        time.sleep(0.005)


def _a_grandchild_of(process: int) -> int | None:
    return next((grandchild for child in _children(process) for grandchild in _children(child)), None)


def _children(process: int) -> list[int]:
    files = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in files for child in file.read_text().split()]
