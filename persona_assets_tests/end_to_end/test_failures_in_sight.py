"""A key that fails shows why on its own pages, and costs the pages of other keys nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_checks
from persona_assets_tests.end_to_end import STAGES, open_instance, partition_states, run_range
from persona_assets_tests.raw_corpus import MODELS, QWEN, responses_file, write_persona, write_settings

GOOD, BROKEN, LAST = (f"{QWEN}__role__{name}" for name in ("baker", "miller", "tailor"))
CHECKS = [
    dg.AssetCheckKey(dg.AssetKey(check.stage), check.name)
    for check in list_checks(PERSONAS)
    if check.name not in ("score_coverage", "pairs_complete")  # few questions, and no baseline
]
GATE = dg.AssetCheckKey(dg.AssetKey("raw_conversations"), "row_ledger_balances")


@dataclass(frozen=True)
class Project:
    workspace: Path
    instance: dg.DagsterInstance

    def run(self, first: str, last: str, *, redo: bool = False) -> bool:
        return run_range(self.instance, self.workspace, (first, last), redo=redo).success

    def newest(self, check: dg.AssetCheckKey, key: str | None = None) -> AssetCheckExecutionRecord | None:
        """What the UI shows of a check: of one key, or on the page of the asset."""
        of_key = PartitionKeyFilter(key=key) if key else None
        return self.instance.event_log_storage.get_latest_asset_check_execution_by_key([check], of_key).get(check)

    def failed(self) -> set[str]:
        """The checks that pages of assets show as failed."""
        records = [self.newest(check) for check in CHECKS]
        return {record.key.name for record in records if record and record.status != Status.SUCCEEDED}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Of three keys in one run, the middle one has no usable line."""
    workspace = tmp_path_factory.mktemp("failures") / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    for key in (GOOD, BROKEN, LAST):
        write_persona(workspace / "persona-data", key, questions=2)
    responses_file(workspace / "persona-data", BROKEN).write_text("no json\n")
    with open_instance(workspace) as instance:
        project = Project(workspace, instance)
        assert not project.run(GOOD, LAST)
        yield project


def test_a_stage_that_failed_fails_its_gating_check_with_the_reason(project: Project) -> None:
    record = project.newest(GATE, BROKEN)
    assert record is not None
    assert record.status == Status.FAILED
    assert record.evaluation is not None
    words = f"{record.evaluation.description} {record.evaluation.metadata}"
    assert "None of its 1 lines is a conversation" in words


def test_checks_that_did_not_run_show_nothing_for_that_key(project: Project) -> None:
    assert [check for check in CHECKS if check != GATE and project.newest(check, BROKEN)] == []


def test_all_checks_of_the_other_keys_have_their_outcome(project: Project) -> None:
    for key in (GOOD, LAST):
        for check in CHECKS:
            record = project.newest(check, key)
            assert record is not None
            assert record.status == Status.SUCCEEDED


def test_the_page_of_an_asset_shows_a_failure_of_any_key_and_no_other(project: Project) -> None:
    assert project.failed() == {GATE.name}


def test_keys_that_pass_later_do_not_hide_it(project: Project) -> None:
    assert project.run(GOOD, GOOD, redo=True)
    assert project.failed() == {GATE.name}
    newest = project.newest(GATE)
    assert newest is not None
    assert newest.partition == BROKEN


def test_what_was_found_before_stays_when_a_run_stops_at_an_earlier_stage(project: Project) -> None:
    path = responses_file(project.workspace / "persona-data", LAST)
    whole = path.read_bytes()
    path.write_text("no json\n")
    assert not project.run(LAST, LAST)
    later = [check for check in CHECKS if check.asset_key.to_user_string() in STAGES[1:]]
    assert {record.status for check in later if (record := project.newest(check, LAST))} == {Status.SUCCEEDED}
    path.write_bytes(whole)


def test_keys_left_as_they_are_do_not_count_as_failed_with_a_run_that_fails(project: Project) -> None:
    project.run(GOOD, LAST)
    assert not project.run(GOOD, LAST)
    for stage in STAGES:
        assert partition_states(project.instance, stage) == {
            GOOD: "MATERIALIZED",
            BROKEN: "FAILED",
            LAST: "MATERIALIZED",
        }
    for key in (GOOD, LAST):
        assert {record.status for check in CHECKS if (record := project.newest(check, key))} == {Status.SUCCEEDED}


def test_a_key_that_is_no_longer_registered_is_not_told_of_again(project: Project) -> None:
    project.instance.delete_dynamic_partition("persona_datasets", BROKEN)
    assert project.run(GOOD, GOOD, redo=True)
    assert project.failed() == set()
