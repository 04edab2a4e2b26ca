"""Two processes that make one key at once take turns: afterwards all its outputs are of one of them."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from persona_assets.errors import StorageError
from persona_assets.run import one_key
from persona_assets.settings import Settings
from persona_assets.store import steps
from persona_assets.store.locks import locked
from persona_assets.store.ownership import owning
from persona_assets_tests.atomicity import (
    KEY,
    ONE,
    STAGES,
    data_hashes,
    hashes,
    hidden_entries,
    make,
    make_version,
    make_well,
    manifest_of,
    recorded_hashes,
    settings_of,
)
from persona_assets_tests.atomicity.killing import PATIENCE_SECONDS, refuse_to_exchange, running
from persona_assets_tests.plain_reading import Row, plain_rows, plain_variant

pytestmark = pytest.mark.campaign

ROUNDS = 50
ALL_BUT_THE_PICTURE = STAGES[:5]
MOST_QUESTIONS = (1, 2)
VARIANTS = (("min30",), ("min60__pos",))
PATIENCE_OF_TESTS = 0.2


def write_when_told(told: Connection, settings: Settings, exchanging: bool) -> None:
    if not exchanging:
        steps.exchange = refuse_to_exchange  # type: ignore[assignment,attr-defined]
    while stages := told.recv():
        outcome = make(settings, stages)
        told.send(outcome.failure and outcome.failure.message)


def write_together(writers: tuple[Connection, Connection], stages: tuple[str, ...]) -> None:
    """Both wait to be told, and so begin at once."""
    for writer in writers:
        writer.send(stages)
    for writer in writers:
        assert writer.poll(PATIENCE_SECONDS)
        assert writer.recv() is None


@pytest.mark.parametrize("exchanging", [True, False], ids=["exchanging names", "renaming twice"])
def test_after_every_round_of_two_writers_all_outputs_are_those_the_manifest_names(
    exchanging: bool, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    settings = tuple(
        settings_of(workspace, max_questions=questions, variants={"trait": variants})
        for questions, variants in zip(MOST_QUESTIONS, VARIANTS, strict=True)
    )
    raw = settings[0].raw_root
    ONE.write(raw)
    rows = {questions: rows_up_to(raw, questions) for questions in MOST_QUESTIONS}
    winners = set()
    with (
        running(write_when_told, settings[0], exchanging) as (_, one),
        running(write_when_told, settings[1], exchanging) as (_, other),
    ):
        for number in range(ROUNDS):
            write_together((one, other), ALL_BUT_THE_PICTURE if number < ROUNDS - 1 else STAGES)
            assert data_hashes(workspace) == recorded_hashes(workspace)
            assert hidden_entries(workspace) == []
            winners.add(expect_outputs_of_one(workspace, rows))
    assert (workspace / "persona_token_plots" / f"{KEY}.png").exists()
    assert winners == set(MOST_QUESTIONS)


def rows_up_to(raw: Path, questions: int) -> list[Row]:
    return [row for row in plain_rows(raw, KEY) if row["question_index"] < questions]


def expect_outputs_of_one(workspace: Path, rows: dict[int, list[Row]]) -> int:
    """All datasets hold the rows of the writer whose settings the manifest tells; variants of both are there."""
    limits = {
        section["inputs"]["limits"]["max_questions"]
        for section in manifest_of(workspace).values()
        if "limits" in section["inputs"]
    }
    (questions,) = limits
    folder = workspace / "datasets" / "processed" / "persona"
    names = {path.name for path in folder.iterdir() if path.is_dir()}
    variants = {name.removeprefix(f"{KEY}__") for name in names - {KEY}}
    assert variants <= {variant for of_one in VARIANTS for variant in of_one}
    for variant in variants:
        expected = plain_variant(rows[questions], variant)
        assert pq.read_table(folder / f"{KEY}__{variant}.parquet").to_pylist() == expected
    assert pq.read_table(folder / f"{KEY}.parquet").to_pylist() == rows[questions]
    counted = workspace / "persona_token_stats" / f"{KEY}.parquet"
    assert pq.read_metadata(counted).num_rows == len(rows[questions])
    return int(questions)


def hold(held: Connection, path: Path) -> None:
    with locked(path):
        held.send(None)
        time.sleep(PATIENCE_SECONDS)


@contextmanager
def held_by_another_process(path: Path) -> Iterator[BaseProcess]:
    with running(hold, path) as (process, held):
        assert held.poll(PATIENCE_SECONDS)
        yield process


def test_a_lock_held_for_longer_than_the_patience_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "key.lock"
    with held_by_another_process(path):
        start = time.monotonic()
        with pytest.raises(StorageError) as caught, locked(path, PATIENCE_OF_TESTS):
            pytest.fail("two processes hold one lock")
        waited = time.monotonic() - start
    assert str(caught.value).startswith(f"{path} has been held by another process for ")
    assert "wait for the run that is using this key, or end it" in str(caught.value)
    assert PATIENCE_OF_TESTS <= waited < PATIENCE_OF_TESTS + 5


def test_a_lock_whose_holder_was_killed_is_free(tmp_path: Path) -> None:
    path = tmp_path / "key.lock"
    with held_by_another_process(path) as holder:
        os.kill(holder.pid or 0, signal.SIGKILL)
        holder.join(PATIENCE_SECONDS)
        with locked(path, 0):
            assert holder.exitcode == -signal.SIGKILL
    with locked(path, 0):
        pass


def test_a_key_another_process_works_on_fails_with_its_lock_named_and_nothing_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = tmp_path / "workspace"
    settings = settings_of(workspace)
    make_version(ONE, settings)
    before = hashes(workspace)
    lock = workspace / "persona_locks" / f"{KEY}.lock"
    monkeypatch.setattr(one_key, "owning", partial(owning, patience_seconds=PATIENCE_OF_TESTS))
    with held_by_another_process(lock):
        outcome = make(settings)
    assert outcome.failure
    assert outcome.failure.message.startswith(f"{lock} has been held by another process for ")
    assert outcome.made == {}
    assert hashes(workspace) == before
    make_well(settings)
