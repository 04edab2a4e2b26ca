"""A failing gating check holds back the later stages of its own key, says so, and touches no other key."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import datasets
import pyarrow as pa
import pytest

from persona_assets.errors import StorageError
from persona_assets.run import one_key
from persona_assets.stage import recording
from persona_assets.stage.code import StageCode
from persona_assets.stage.context import StageContext
from persona_assets.stage.spec import Stage
from persona_assets.stages.scored_dataset.joining import join_scores
from persona_assets_tests.atomicity import (
    KEY,
    ONE,
    OTHER,
    STAGES,
    hashes,
    make,
    make_version,
    settings_of,
    stage_of,
)
from persona_assets_tests.end_to_end import failure_text, open_instance, partition_states, run_range

pytestmark = pytest.mark.campaign

NEIGHBOURS = ("gemma-2-27b__trait__absurd", "gemma-2-27b__trait__calm")
"""The first and the last key of the range; the bad one stands between them."""
MADE, HELD_BACK = STAGES[:2], STAGES[2:]
OFF_THE_SCALE = 101
CHECKS_THAT_RAN = (
    "row_ledger_balances",
    "no_quarantined_lines",
    "no_duplicate_rows",
    "all_rows_present",
    "schema",
    "score_range",
    "score_coverage",
    "score_file_accounted",
)
NOTHING_WRONG_BUT_THE_BROKEN_LINE = {"no_quarantined_lines"}


@pytest.fixture
def broken_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    """scored_dataset of one key comes out with one score that is on no scale."""

    make_stage = recording.make_stage

    def make_badly(stage: Stage[Any], code: StageCode, context: StageContext[Any], products: Sequence[Any]) -> Any:
        made = make_stage(stage, code, context, products)
        if stage.name == "scored_dataset" and str(context.key) == KEY:
            put_a_score_off_the_scale(context.workspace.root / "datasets" / "processed" / "persona" / KEY)
        return made

    monkeypatch.setattr(recording, "make_stage", make_badly)


def put_a_score_off_the_scale(folder: Path) -> None:
    table = with_a_score_off_the_scale(datasets.load_from_disk(str(folder))["train"].with_format("arrow")[:])
    aside = folder.with_name("aside")
    datasets.DatasetDict({"train": datasets.Dataset(table)}).save_to_disk(str(aside))
    shutil.rmtree(folder)
    aside.rename(folder)


def with_a_score_off_the_scale(table: pa.Table) -> pa.Table:
    scores = [OFF_THE_SCALE, *table["extract_score"].to_pylist()[1:]]
    place = table.schema.get_field_index("extract_score")
    return table.set_column(place, table.schema.field(place), [scores])


def standing(workspace: Path, key: str) -> dict[str, Any]:
    text = (workspace / "persona_standings" / f"{key}.json").read_text(encoding="utf-8")
    record: dict[str, Any] = json.loads(text)
    return record


def failed_checks(record: Mapping[str, Any]) -> set[str]:
    return {name for name, check in record["checks"].items() if not check["passed"]}


def test_a_failed_gate_ends_the_key_at_the_next_stage_and_names_the_check(tmp_path: Path, broken_maker: None) -> None:
    workspace = tmp_path / "workspace"
    settings = settings_of(workspace)
    ONE.write(settings.raw_root)
    outcome = make(settings)
    assert tuple(outcome.made) == MADE
    assert outcome.failure
    assert outcome.failure.stage == "filtered_variants"
    assert outcome.failure.traceback is None
    assert outcome.failure.message.startswith("held back, because check score_range of scored_dataset failed: ")
    assert f"score {OFF_THE_SCALE}, status ok" in outcome.failure.message
    assert [check.check.name for check in outcome.checks] == list(CHECKS_THAT_RAN)
    failed = {check.check.name for check in outcome.checks if not check.passed}
    assert failed == {"score_range", *NOTHING_WRONG_BUT_THE_BROKEN_LINE}
    assert {stage_of(path) for path in hashes(workspace)} == {*MADE, "manifest", "standing"}


def test_a_failed_gate_leaves_the_later_outputs_of_the_earlier_version_as_they_were(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    workspace = tmp_path / "workspace"
    settings = settings_of(workspace)
    make_version(ONE, settings)
    before = hashes(workspace)
    OTHER.write(settings.raw_root)
    request.getfixturevalue("broken_maker")
    assert tuple(make(settings).made) == MADE
    after = hashes(workspace)
    assert after.keys() == before.keys()
    assert {stage_of(path) for path in after if after[path] != before[path]} == {*MADE, "manifest", "standing"}


def test_a_warning_or_an_error_that_does_not_gate_holds_nothing_back(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "workspace")
    ONE.write(settings.raw_root)
    outcome = make(settings)
    assert outcome.failure is None
    assert tuple(outcome.made) == STAGES
    assert {check.check.name for check in outcome.checks if not check.passed} == NOTHING_WRONG_BUT_THE_BROKEN_LINE


def test_the_gate_stays_shut_when_the_disk_was_full_just_as_the_checks_were_to_be_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path / "workspace")
    make_version(ONE, settings)
    OTHER.write(settings.raw_root)

    def join_badly(*inputs: Any) -> pa.Table:
        return with_a_score_off_the_scale(join_scores(*inputs))

    def disk_is_full(*_: Any) -> None:
        raise StorageError("no space left for the standing")

    monkeypatch.setattr("persona_assets.stages.scored_dataset.make.join_scores", join_badly)
    with monkeypatch.context() as full:
        full.setattr(one_key, "renew_last_outcome", disk_is_full)
        assert make(settings).failure
    outcome = make(settings)
    assert outcome.failure, "the outcomes of the earlier version were taken for those of the later one"
    assert outcome.failure.message.startswith("held back, because check score_range of scored_dataset failed: ")
    assert tuple(outcome.made) == MADE


def test_in_a_range_the_gate_of_one_key_holds_back_that_key_alone(
    tmp_path: Path, broken_maker: None, without_workers: None
) -> None:
    workspace = tmp_path / "workspace"
    settings = settings_of(workspace)
    for key in (*NEIGHBOURS, KEY):
        ONE.write(settings.raw_root, key)
    with open_instance(workspace) as instance:
        run = run_range(instance, workspace, (NEIGHBOURS[0], NEIGHBOURS[1]), workers=1)
        states = {stage: partition_states(instance, stage) for stage in STAGES}
    assert not run.success
    assert f"{KEY}: filtered_variants: held back, because check score_range of scored_dataset failed" in failure_text(
        run
    )
    assert not any(neighbour in failure_text(run) for neighbour in NEIGHBOURS)
    good = dict.fromkeys(NEIGHBOURS, "MATERIALIZED")
    assert {stage: states[stage] for stage in MADE} == {stage: {**good, KEY: "MATERIALIZED"} for stage in MADE}
    assert {stage: states[stage] for stage in HELD_BACK} == {stage: {**good, KEY: "FAILED"} for stage in HELD_BACK}
    assert materialised(run) == sorted(
        [(key, stage) for key in NEIGHBOURS for stage in STAGES] + [(KEY, stage) for stage in MADE]
    )
    expect_standings(workspace)


def materialised(run: dg.ExecuteInProcessResult) -> list[tuple[str, str]]:
    events = [event.event_specific_data for event in run.all_events if event.is_step_materialization]
    found = [getattr(event, "materialization", None) for event in events]
    return sorted((str(of.partition), of.asset_key.to_user_string()) for of in found if of)


def expect_standings(workspace: Path) -> None:
    bad = standing(workspace, KEY)
    assert bad["failure"]["stage"] == "filtered_variants"
    assert tuple(bad["checks"]) == CHECKS_THAT_RAN
    assert failed_checks(bad) == {"score_range", *NOTHING_WRONG_BUT_THE_BROKEN_LINE}
    for neighbour in NEIGHBOURS:
        good = standing(workspace, neighbour)
        assert good["failure"] is None
        assert failed_checks(good) == NOTHING_WRONG_BUT_THE_BROKEN_LINE
