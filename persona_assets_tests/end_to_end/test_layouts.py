"""Every layout through all assets: the same content gives the same datasets; default rows of traits harm nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from persona_assets.kinds import TRAIT
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.end_to_end import failure_text, open_instance, run_range
from persona_assets_tests.end_to_end.test_asset_checks import Project
from persona_assets_tests.raw.layouts.demo import rewrite, write_json, write_lines
from persona_assets_tests.raw.layouts.test_assistant_axis import AS_FORKED, WITH_KINDS, as_forked, with_long_words
from persona_assets_tests.raw.layouts.test_persona_subspace import folders, with_pairs, with_short_names
from persona_assets_tests.raw_corpus import QWEN, persona_rows, write_corpus, write_settings

ROLE_KEY, TRAIT_KEY = f"{QWEN}__role__stoic", f"{QWEN}__trait__stoic"
DATASETS = Path("datasets/processed/persona")
AS_IT_IS = {folder: folder for folder in WITH_KINDS}
LAYOUTS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "persona-subspace": (folders("extract_labels"), {"change": with_pairs, "change_scores": with_short_names}),
    "assistant-axis": (WITH_KINDS, {}),
    "assistant-axis, fork": (AS_FORKED, {"change": as_forked, "change_scores": with_long_words}),
}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus of one model, without the file of an older form and the baseline."""
    root = tmp_path_factory.mktemp("raw")
    write_corpus(root)
    for path in root.glob("*/*/*/*"):
        if path.relative_to(root).parts[0] != QWEN or path.stem != "stoic":
            path.unlink()
    return root


@pytest.fixture(scope="module")
def expected(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return make(tmp_path_factory.mktemp("expected") / "workspace", raw, AS_IT_IS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_content_gives_the_same_datasets_byte_for_byte(
    layout: str, raw: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    into, changes = LAYOUTS[layout]
    made = make(tmp_path / "workspace", raw, into, **changes)
    assert len(made) > 10
    assert made == expected


def make(workspace: Path, raw: Path, into: dict[str, str], **changes: Any) -> dict[str, bytes]:
    """Write the corpus in a layout, make every asset of its keys, and return the bytes of every file of a dataset."""
    write_settings(workspace, {QWEN: SAMPLE_TOKENIZER})
    rewrite(raw, workspace / "persona-data", into, **changes)
    with open_instance(workspace) as instance:
        run = run_range(instance, workspace, (ROLE_KEY, TRAIT_KEY))
    assert run.success, failure_text(run)
    files = [path for path in sorted((workspace / DATASETS).rglob("*")) if path.is_file()]
    return {str(path.relative_to(workspace)): path.read_bytes() for path in files}


@pytest.fixture
def with_neutral_rows(tmp_path: Path) -> Path:
    """A workspace over a trait that was also asked neutrally, all of it scored, the neutral rows highest."""
    workspace = tmp_path / "workspace"
    write_settings(workspace, {QWEN: SAMPLE_TOKENIZER})
    asked = list(persona_rows(TRAIT_KEY, 4))
    neutral = [row | {"label": "neutral", "system_prompt": ""} for row in asked if row["label"] == "pos"]
    folder = workspace / "persona-data" / QWEN / "traits"
    write_lines(folder / "responses" / "stoic.jsonl", *asked, *neutral)
    value = {"pos": 80, "neg": 10, "neutral": 90}
    scores = {
        f"{row['label'].replace('neutral', 'default')}_p{row['prompt_index']}_q{row['question_index']}": value[
            row["label"]
        ]
        for row in [*asked, *neutral]
    }
    write_json(folder / "extract_labels" / "stoic.json", scores)
    return workspace


def test_default_rows_of_a_trait_are_in_its_dataset_and_on_neither_side_of_it(with_neutral_rows: Path) -> None:
    with open_instance(with_neutral_rows) as instance:
        project = Project(with_neutral_rows, instance)
        run = run_range(
            instance,
            with_neutral_rows,
            (TRAIT_KEY, TRAIT_KEY),
            variants={"trait": [*TRAIT.default_variants, "min85"]},
        )
        assert run.success, failure_text(run)
        of_rows = {"row_ledger_balances", "no_quarantined_lines", "no_duplicate_rows", "all_rows_present"}
        assert project.failing(TRAIT_KEY) & (of_rows | {"score_coverage", "score_file_accounted"}) == set()
        assert project.facts("all_rows_present", TRAIT_KEY)["expected"] == 3 * 5 * 4
        assert project.facts("score_coverage", TRAIT_KEY)["coverage"] == {"neg": 1, "pos": 1}
    statistics = json.loads((with_neutral_rows / "persona_token_stats" / f"{TRAIT_KEY}.json").read_text())
    labels = {name: group["conversations"] for name, group in statistics["by_label"].items()}
    assert labels == {"default": 20, "neg": 20, "pos": 20}
    rows = {name: summary["all"]["conversations"] for name, summary in statistics["variants"].items()}
    assert rows == {
        f"{TRAIT_KEY}__min70__pos": 20,
        f"{TRAIT_KEY}__min85": 20,
        f"{TRAIT_KEY}__neg": 20,
        f"{TRAIT_KEY}__pos": 20,
    }
    assert set(statistics["variants"][f"{TRAIT_KEY}__min85"]["by_label"]) == {"default"}


def test_a_trait_without_one_of_its_sides_is_incomplete_whatever_else_it_holds(with_neutral_rows: Path) -> None:
    path = with_neutral_rows / "persona-data" / QWEN / "traits" / "responses" / "stoic.jsonl"
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").removesuffix("\n").split("\n")]
    write_lines(path, *(row for row in rows if row["label"] != "neg"))
    with open_instance(with_neutral_rows) as instance:
        project = Project(with_neutral_rows, instance)
        assert run_range(instance, with_neutral_rows, (TRAIT_KEY, TRAIT_KEY)).success
        assert "all_rows_present" in project.failing(TRAIT_KEY)
        assert project.facts("all_rows_present", TRAIT_KEY)["first_missing"][0] == "neg_p0_q0"
