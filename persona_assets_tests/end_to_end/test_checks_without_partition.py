"""Checks that are run without a partition, as *Launch run* and *Execute all* of the UI do, are run for every key."""

from pathlib import Path

import dagster as dg
import pytest

from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_checks
from persona_assets_tests.end_to_end import failure_text, open_instance, run_job, run_range
from persona_assets_tests.raw_corpus import GEMMA, KEYS

pytestmark = pytest.mark.campaign

OTHERS = [key for key in KEYS if key.startswith(GEMMA)]


def evaluated(run: dg.ExecuteInProcessResult) -> set[tuple[str | None, str]]:
    return {(one.partition, one.check_name) for one in run.get_asset_check_evaluations()}


def test_the_job_of_checks_checks_every_key_that_has_something_to_check(workspace_with_corpus: Path) -> None:
    with open_instance(workspace_with_corpus) as instance:
        assert run_range(instance, workspace_with_corpus, (OTHERS[0], OTHERS[-1])).success
        run = run_job(instance, workspace_with_corpus, "check_personas")
        assert run.success, failure_text(run)
        assert evaluated(run) == {(key, check.name) for key in OTHERS for check in list_checks(PERSONAS)}


def test_a_run_without_a_partition_that_would_make_something_says_so(workspace_with_corpus: Path) -> None:
    with open_instance(workspace_with_corpus) as instance:
        run = run_job(instance, workspace_with_corpus, "materialise_personas")
        assert not run.success
        assert "choose partitions of persona_datasets; without any, only checks can be run" in failure_text(run)


@pytest.mark.parametrize("check", list_checks(PERSONAS), ids=lambda check: check.name)
def test_a_check_says_how_severe_it_is_and_what_follows(check: object) -> None:
    from persona_assets.definitions import defs
    from persona_assets.stage.spec import Check

    assert isinstance(check, Check)
    key = dg.AssetCheckKey(dg.AssetKey(check.stage), check.name)
    node = defs.resolve_asset_graph().get(key)
    told = node.description or ""
    assert told.startswith(check.description)
    assert ("ERROR" in told, "WARN" in told) == (check.severe, not check.severe)
    assert ("are not made" in told) == check.gates
