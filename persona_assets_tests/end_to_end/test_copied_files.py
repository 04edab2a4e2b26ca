"""A file copied under another name agrees with itself in every row; the catalogue finds it."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.dagster_defs.catalogue_asset import NO_COPIES
from persona_assets_tests.end_to_end import open_instance, plain_facts, run_job, run_range
from persona_assets_tests.raw_corpus import GEMMA, KEYS, LLAMA, QWEN, responses_file

pytestmark = pytest.mark.campaign

PIRATE, OTHER_PERSONA, OTHER_MODEL = f"{GEMMA}__role__pirate", f"{GEMMA}__role__parrot", f"{QWEN}__role__pirate"


def check_of(run: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    [found] = [one for one in run.get_asset_check_evaluations() if one.check_name == NO_COPIES]
    return found


@pytest.fixture
def raw(workspace_with_corpus: Path) -> Path:
    return workspace_with_corpus / "persona-data"


def test_keys_that_are_made_of_the_same_bytes_are_named_together(workspace_with_corpus: Path, raw: Path) -> None:
    for copy in (OTHER_PERSONA, OTHER_MODEL):
        shutil.copy(responses_file(raw, PIRATE), responses_file(raw, copy))
    with open_instance(workspace_with_corpus) as instance:
        run_range(instance, workspace_with_corpus, (KEYS[0], KEYS[-1]))
        found = check_of(run_job(instance, workspace_with_corpus, "refresh_catalogue"))
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    groups = plain_facts(found.metadata)["first"]
    assert f"{OTHER_PERSONA}, {PIRATE}, {OTHER_MODEL}" in groups


def test_keys_with_conversations_of_their_own_pass(workspace_with_corpus: Path) -> None:
    keys = [key for key in KEYS if key.startswith(LLAMA)]
    with open_instance(workspace_with_corpus) as instance:
        assert run_range(instance, workspace_with_corpus, (keys[0], keys[-1])).success
        assert check_of(run_job(instance, workspace_with_corpus, "refresh_catalogue")).passed
