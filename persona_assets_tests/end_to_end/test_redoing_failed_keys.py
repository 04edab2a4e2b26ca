"""The job that makes the failed keys again: one run, wherever they are among the partitions."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.collection.survey import State, survey
from persona_assets.dagster_defs.redo import OP_NAME, RedoConfig
from persona_assets.definitions import defs
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import load_settings
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_checks
from persona_assets_tests.broken_files import break_files, mend_files
from persona_assets_tests.end_to_end import STAGES, failure_text, open_instance, partition_states, run_range
from persona_assets_tests.raw_corpus import KEYS

pytestmark = pytest.mark.campaign

SCATTERED = KEYS[1::2]
OTHERS = KEYS[::2]


def redo(instance: dg.DagsterInstance, **config: Any) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def("redo_failed_personas").execute_in_process(
        run_config={"ops": {OP_NAME: {"config": {"workers": 1, **config}}}}, instance=instance, raise_on_error=False
    )


def materialised(run: dg.ExecuteInProcessResult) -> set[tuple[str, str | None]]:
    events = run.filter_events(lambda event: event.is_step_materialization)
    made = [event.step_materialization_data.materialization for event in events]
    return {(one.asset_key.to_user_string(), one.partition) for one in made}


def checked(run: dg.ExecuteInProcessResult) -> set[tuple[str, str | None]]:
    return {(one.check_name, one.partition) for one in run.get_asset_check_evaluations()}


def test_scattered_keys_that_were_mended_are_made_in_one_run_and_no_others(workspace_with_corpus: Path) -> None:
    break_files(workspace_with_corpus, SCATTERED)
    with open_instance(workspace_with_corpus) as instance:
        assert not run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[-1])).success
        assert [key for key in KEYS if partition_states(instance, "histogram")[key] == "FAILED"] == list(SCATTERED)
        mend_files(workspace_with_corpus, SCATTERED)
        run = redo(instance)
        assert run.success, failure_text(run)
        assert materialised(run) == {(stage, key) for stage in STAGES for key in SCATTERED}
        assert {one for one in checked(run) if one[1] in SCATTERED} == {
            (check.name, key) for check in list_checks(PERSONAS) for key in SCATTERED
        }
        for stage in STAGES:
            assert partition_states(instance, stage) == dict.fromkeys(KEYS, "MATERIALIZED")


def test_a_key_that_fails_again_costs_no_other_and_is_named(workspace_with_corpus: Path) -> None:
    break_files(workspace_with_corpus, SCATTERED)
    with open_instance(workspace_with_corpus) as instance:
        run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[-1]))
        mend_files(workspace_with_corpus, SCATTERED[1:])
        run = redo(instance)
        assert not run.success
        assert f"1 of {len(SCATTERED)} keys failed" in failure_text(run)
        assert SCATTERED[0] in failure_text(run)
        states = partition_states(instance, "histogram")
        assert {key for key, state in states.items() if state == "MATERIALIZED"} == set(KEYS) - {SCATTERED[0]}


def test_nothing_is_done_where_no_key_failed(materialised_workspace: Path) -> None:
    with open_instance(materialised_workspace) as instance:
        run = redo(instance)
    assert run.success
    assert materialised(run) == set()


def test_keys_that_are_missing_are_made_only_if_that_is_asked_for(workspace_with_corpus: Path) -> None:
    with open_instance(workspace_with_corpus) as instance:
        run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[-2]))
        assert materialised(redo(instance)) == set()
        assert {key for _, key in materialised(redo(instance, missing=True))} == {KEYS[-1]}


def test_keys_that_are_warned_are_made_from_scratch_if_that_is_asked_for(materialised_workspace: Path) -> None:
    settings = load_settings()
    warned = {str(one.key) for one in survey(settings, discover(RawCorpus.of(settings))).of(State.WARNED)}
    assert warned
    before = inodes_of(materialised_workspace, warned)
    with open_instance(materialised_workspace) as instance:
        run = redo(instance, warned=True)
        assert {key for _, key in materialised(run)} == warned
        assert not inodes_of(materialised_workspace, warned).items() & before.items()


def inodes_of(workspace: Path, keys: Iterable[str]) -> dict[str, int]:
    folder = workspace / "datasets" / "processed" / "persona"
    return {key: (folder / f"{key}.parquet").stat().st_ino for key in keys}


@pytest.mark.parametrize(
    ("config", "states"),
    [
        ({}, {State.FAILED}),
        ({"stale": True}, {State.FAILED, State.STALE}),
        ({"missing": True, "warned": True}, {State.FAILED, State.MISSING, State.WARNED}),
    ],
)
def test_the_configuration_says_which_keys(config: dict[str, bool], states: set[State]) -> None:
    assert set(RedoConfig.model_validate(config).states) == states
