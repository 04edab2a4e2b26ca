"""A workspace that an earlier version of the code made is stale for that reason, and one run makes all of it anew."""

import json
from pathlib import Path

import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.collection.survey import State, survey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.commands import persona_assets
from persona_assets_tests.end_to_end import files_below, open_instance, run_range
from persona_assets_tests.raw_corpus import KEYS, QWEN

pytestmark = pytest.mark.campaign

KEY = f"{QWEN}__role__stoic"
MADE_ONCE = {"min1", "min2__default"}
"""Asked for in one run alone. No baseline is scored, so the second has no row."""
EARLIER = {
    "raw_conversations": "2",
    "scored_dataset": "2",
    "filtered_variants": "1",
    "parquet_export": "1",
    "token_stats": "1",
}


def manifest_of(workspace: Path) -> Path:
    return workspace / "persona_manifests" / f"{KEY}.json"


def recorded_variants(workspace: Path) -> dict[str, int]:
    variants: dict[str, int] = json.loads(manifest_of(workspace).read_text())["filtered_variants"]["variants"]
    return variants


@pytest.fixture
def earlier(materialised_workspace: Path) -> Path:
    """A workspace whose manifests say that an earlier version of five stages made them."""
    with open_instance(materialised_workspace) as instance:
        wanted = {"role": ["min3", *MADE_ONCE]}
        assert run_range(instance, materialised_workspace, (KEY, KEY), variants=wanted).success
    for path in (materialised_workspace / "persona_manifests").iterdir():
        manifest = json.loads(path.read_text())
        for stage, version in EARLIER.items():
            manifest[stage]["code"]["stage_version"] = version
        path.write_text(json.dumps(manifest))
    return materialised_workspace


def test_every_key_is_stale_and_the_reason_is_the_code(earlier: Path) -> None:
    surveyed = survey(Settings(workspace=earlier), discover(RawCorpus(earlier / "persona-data")))
    assert {str(one.key): (one.state, one.reason) for one in surveyed.states} == dict.fromkeys(
        KEYS, (State.STALE, "raw_conversations: was made by version 2 of its code")
    )


def test_one_generate_makes_it_anew_without_losing_a_variant(earlier: Path) -> None:
    before, files = recorded_variants(earlier), set(files_below(earlier))
    assert before.keys() == {"min3", *MADE_ONCE}
    assert before["min2__default"] == 0 < before["min1"]
    done = persona_assets(earlier.parent, "generate", "--workers", "1")
    assert done.returncode == 0, done.stdout
    assert recorded_variants(earlier) == before
    assert set(files_below(earlier)) == files
    assert verify(Workspace.of(Settings(workspace=earlier)), workers=1).damages == ()
    surveyed = survey(Settings(workspace=earlier), discover(RawCorpus(earlier / "persona-data")))
    assert {one.state for one in surveyed.states} <= {State.PASSED, State.WARNED}


def test_a_variant_that_the_code_does_not_know_is_not_made(earlier: Path) -> None:
    manifest = json.loads(manifest_of(earlier).read_text())
    manifest["filtered_variants"]["variants"]["max30"] = 0
    manifest_of(earlier).write_text(json.dumps(manifest))
    with open_instance(earlier) as instance:
        assert run_range(instance, earlier, (KEY, KEY)).success
    assert recorded_variants(earlier).keys() == {"min3", *MADE_ONCE}
