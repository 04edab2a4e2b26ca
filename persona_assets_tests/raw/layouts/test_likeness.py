"""Which of two layouts with the same folders of conversations a model is in, and that the settings decide."""

from pathlib import Path

import pytest

from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS, Kind
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, expected_places
from persona_assets.raw.sources import locate
from persona_assets_tests.raw.test_discovery import problems, put

AXIS, SUBSPACE, SUBSPACE_240 = "assistant-axis", "persona-subspace", "persona-subspace-240"
RESPONSES = "roles/responses/a.jsonl"


def layout_of(root: Path) -> str | None:
    [reading] = discover(RawCorpus(root)).models
    return reading.layout


@pytest.mark.parametrize(
    ("files", "layout"),
    [
        (["roles/scores/a.json"], AXIS),
        (["roles/responses_q50/b.jsonl", "roles/scores_q50/b.json"], AXIS),
        (["roles/extract_scores/a.json"], SUBSPACE),
        (["roles/extract_labels/a.json"], SUBSPACE),
        (["roles/responses/0_default.jsonl", "roles/scores/a.json"], AXIS),
        (["roles/responses/default.jsonl", "roles/extract_scores/a.json"], SUBSPACE),
        (["traits/responses/b.jsonl", "traits/scores/b.json"], AXIS),
        (["traits/responses/b.jsonl", "traits/extract_scores/b.json"], SUBSPACE),
    ],
)
def test_the_folders_of_scores_tell(files: list[str], layout: str, tmp_path: Path) -> None:
    put(tmp_path, *(f"m/{file}" for file in (RESPONSES, *files)))
    assert layout_of(tmp_path) == layout
    assert problems(discover(RawCorpus(tmp_path))) == {}


@pytest.mark.parametrize(
    ("files", "layout"),
    [
        ([], AXIS),
        (["roles/responses/default.jsonl"], AXIS),
        (["roles/responses/0_default.jsonl"], SUBSPACE),
        (["roles/responses/0_default.jsonl.gz"], SUBSPACE),
        (["traits/responses/b.jsonl", "roles/responses/0_default.jsonl"], SUBSPACE),
        (["traits/responses/b.jsonl", "roles/responses/default.jsonl"], AXIS),
    ],
)
def test_without_scores_the_name_of_the_baseline_tells(files: list[str], layout: str, tmp_path: Path) -> None:
    put(tmp_path, *(f"m/{file}" for file in (RESPONSES, *files)))
    assert layout_of(tmp_path) == layout
    assert problems(discover(RawCorpus(tmp_path))) == {}


@pytest.mark.parametrize("named", [AXIS, SUBSPACE])
@pytest.mark.parametrize("baseline", ["default", "0_default"])
def test_the_settings_decide_whatever_is_there(named: str, baseline: str, tmp_path: Path) -> None:
    put(tmp_path, f"m/{RESPONSES}", f"m/roles/responses/{baseline}.jsonl")
    corpus = RawCorpus(tmp_path, {"m": named})
    inventory = discover(corpus)
    assert [reading.layout for reading in inventory.models] == [named]
    assert inventory.keys == tuple(sorted(DatasetKey("m", "role", name) for name in (baseline, "a")))
    assert inventory.unfit == ()
    is_baseline = locate(corpus, DatasetKey("m", "role", baseline)).is_baseline
    assert is_baseline == ((named, baseline) in ((AXIS, "default"), (SUBSPACE, "0_default")))


def test_scores_of_the_layout_that_is_not_named_are_a_finding(tmp_path: Path) -> None:
    put(tmp_path, f"m/{RESPONSES}", "m/roles/extract_scores/a.json")
    inventory = discover(RawCorpus(tmp_path, {"m": AXIS}))
    assert inventory.keys == (DatasetKey("m", "role", "a"),)
    assert list(problems(inventory)) == ["m/roles/extract_scores"]


def test_a_folder_of_each_layout_in_one_model_is_read_in_the_first_and_the_other_named(tmp_path: Path) -> None:
    put(tmp_path, f"m/{RESPONSES}", "m/roles/extract_scores/a.json", "m/responses/b.jsonl")
    put(tmp_path, "n/roles_240/responses/a.jsonl", "n/responses/b.jsonl")
    inventory = discover(RawCorpus(tmp_path))
    assert [reading.layout for reading in inventory.models] == [SUBSPACE, SUBSPACE_240]
    assert [key.persona for key in inventory.keys] == ["a", "a"]
    assert list(problems(inventory)) == ["m/responses", "n/responses"]


def test_scores_of_both_layouts_in_one_folder_are_read_as_the_older_and_the_others_named(tmp_path: Path) -> None:
    put(tmp_path, f"m/{RESPONSES}", "m/roles/extract_scores/a.json", "m/roles/scores/a.json")
    assert layout_of(tmp_path) == SUBSPACE
    assert list(problems(discover(RawCorpus(tmp_path)))) == ["m/roles/scores"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_place_that_two_layouts_share_is_named_once_where_conversations_are_expected(kind: Kind) -> None:
    places = expected_places(kind).split(" or ")
    assert len(places) == len(set(places))
    assert f"{{model}}/{kind.plural}/responses/*.jsonl" in places
