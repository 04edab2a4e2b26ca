"""Every set of a small corpus is, row by row, the one that plain Python makes of the raw files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.settings import load_settings
from persona_assets_tests.plain_reading import Row, plain_rows
from persona_assets_tests.raw_corpus import GEMMA, KEYS, LLAMA, QWEN, responses_file, write_persona
from persona_assets_tests.training.plain_sets import (
    PlainCorpus,
    plain_prompt,
    plain_question,
    plain_set,
    plain_split,
)
from persona_assets_tests.training.sets import (
    HALVES,
    make_set,
    make_sound_set,
    read_lines,
    read_manifest,
    read_places,
)

SEED = 7
"""With which both halves have questions."""
ALIKE = {"trained_model": GEMMA}
"""Whose template takes no arguments."""


def usual(row: Row) -> bool:
    return bool(row["score_status"] != "refusal" and row["truncated"] != "yes")


CASES: list[Any] = [
    pytest.param({"seed": SEED}, KEYS, usual, id="all"),
    pytest.param({"models": [GEMMA]}, [key for key in KEYS if key.startswith(GEMMA)], usual, id="one-model"),
    pytest.param(
        {"kinds": ["trait"], "label": "neg", "seed": 7},
        [key for key in KEYS if "__trait__" in key],
        lambda row: usual(row) and row["label"] == "neg",
        id="label",
    ),
    pytest.param(
        {"personas": ["st*"], "min_score": 2, "max_score": 60},
        [key for key in KEYS if key.endswith("stoic")],
        lambda row: usual(row) and row["extract_score"] is not None and 2 <= row["extract_score"] <= 60,
        id="scores",
    ),
    pytest.param(
        {"models": ["*-3*"], "no_refusals": False, "whole_answers": False, "seed": 5},
        [key for key in KEYS if key.startswith((LLAMA, QWEN))],
        lambda _: True,
        id="refusals-and-cut-answers",
    ),
    pytest.param(
        {"where": "prompt_index = 2 and assistant_tokens < 40 and persona <> 'stoic'"},
        [key for key in KEYS if not key.endswith("stoic")],
        lambda row: usual(row) and row["prompt_index"] == 2 and row["tokens"] < 40,
        id="where",
    ),
]


@pytest.mark.parametrize("budget", [None, 300, 1500])
@pytest.mark.parametrize(("recipe", "keys", "passes"), CASES)
def test_rows_splits_and_budgets_are_those_of_plain_python(
    recipe: dict[str, Any],
    keys: list[str],
    passes: Callable[[Row], bool],
    budget: int | None,
    made_workspace: Path,
    request: pytest.FixtureRequest,
) -> None:
    name = f"set-{request.node.callspec.id.lower()}"
    full = {**ALIKE, "splits": HALVES, "view": "verbatim", **recipe, "token_budget": budget}
    candidates = PlainCorpus(made_workspace, keys).candidates(passes)
    expected = plain_set(candidates, HALVES, int(recipe.get("seed", 0)), budget)
    if not all(expected.values()):
        pytest.fail("the case leaves a split empty; choose another seed")
    folder = make_sound_set(made_workspace, name, full)
    assert read_places(folder) == expected
    manifest = read_manifest(folder)
    taken = sum(map(len, expected.values()))
    assert (manifest["taken"], manifest["candidates"]) == (taken, taken + sum(manifest["left_out"].values()))


def test_every_candidate_row_is_accounted_for_by_the_first_reason_that_applies(made_workspace: Path) -> None:
    recipe = {
        **ALIKE,
        "kinds": ["trait"],
        "label": "pos",
        "min_score": 50,
        "view": "verbatim",
        "splits": {"train": 1},
    }
    manifest = read_manifest(make_sound_set(made_workspace, "accounted", recipe))
    rows = [row for key in KEYS if "__trait__" in key for row in plain_rows(made_workspace / "persona-data", key)]
    with_label = [row for row in rows if row["label"] == "pos"]
    scored = [row for row in with_label if row["extract_score"] is not None]
    assert manifest["candidates"] == len(rows)
    assert manifest["left_out"] == {
        "other_label": len(rows) - len(with_label),
        "no_score": len(with_label) - len(scored),
        "score_too_low": len([row for row in scored if row["extract_score"] < 50]),
    }


def test_without_the_persona_every_prompt_is_the_question_and_what_cannot_be_told_apart_is_counted(
    made_workspace: Path,
) -> None:
    folder = make_sound_set(made_workspace, "removed", {**ALIKE, "splits": HALVES, "seed": SEED})
    for split, places in read_places(folder).items():
        lines = read_lines(folder, split)
        assert len(lines) == len(places)
        for line, (dataset, place) in zip(lines, places, strict=True):
            row = plain_rows(made_workspace / "persona-data", dataset)[place]
            assert line == {"prompt": plain_prompt(row), "completion": [row["messages"][-1]]}
            assert plain_split(row["question"], HALVES, SEED) == split
    assert set(read_manifest(folder)["left_out"]) <= {"refusal", "cut_off", "persona_quoted"}


def test_as_a_system_turn_the_persona_is_taken_from_the_user_turn(made_workspace: Path) -> None:
    recipe = {"models": [GEMMA], "view": "system", "format": "messages", "splits": {"train": 1.0}}
    folder = make_sound_set(made_workspace, "system", recipe)
    for line, (dataset, place) in zip(read_lines(folder, "train"), read_places(folder)["train"], strict=True):
        row = plain_rows(made_workspace / "persona-data", dataset)[place]
        system = [{"role": "system", "content": row["system_prompt"]}] if row["system_prompt"] else []
        assert line == {"messages": [*system, *plain_prompt(row), row["messages"][-1]]}


@pytest.mark.parametrize("form", ["dpo", "llama_factory", "axolotl"])
def test_pairs_are_those_of_the_index_that_meet_the_rule(form: str, made_workspace: Path) -> None:
    recipe = {"models": [GEMMA], "format": form, "pair_rule": "gap > 10", "splits": HALVES, "seed": SEED}
    folder = make_sound_set(made_workspace, f"pairs-{form}", recipe)
    rows = pd.read_parquet(folder / "rows.parquet")
    found = set()
    for (split, example), pair in rows.groupby(["split", "example"]):
        positive, negative = pair.to_dict("records")
        assert [positive["side"], negative["side"]] == ["positive", "negative"]
        better, worse = (
            plain_rows(made_workspace / "persona-data", side["dataset"])[side["row"]] for side in (positive, negative)
        )
        assert plain_question(better["question"]) == plain_question(worse["question"])
        line, asked = read_lines(folder, str(split))[int(str(example))], plain_prompt(better)
        answers = [better["messages"][-1], worse["messages"][-1]]
        if form == "dpo":
            assert line == {"prompt": asked, "chosen": answers[:1], "rejected": answers[1:]}
        else:
            assert line == {"messages": asked, "chosen": answers[0], "rejected": answers[1]}
        found.add((positive["dataset"], positive["row"]))
    expected = set()
    for key in (key for key in KEYS if key.startswith(GEMMA)):
        index = pd.read_parquet(made_workspace / "persona_pairs" / f"{key}.parquet").query("gap > 10")
        expected |= set(zip(index["positive_dataset"], index["positive_row"], strict=True))
    assert found == expected


def test_kto_by_score_and_by_pairs_has_a_boolean_and_every_row_once(made_workspace: Path) -> None:
    by_score = {"models": [GEMMA], "kinds": ["trait"], "format": "kto", "desirable_score": 50, "splits": {"train": 1}}
    folder = make_sound_set(made_workspace, "kto-score", by_score)
    for line, (dataset, place) in zip(read_lines(folder, "train"), read_places(folder)["train"], strict=True):
        row = plain_rows(made_workspace / "persona-data", dataset)[place]
        assert line["label"] is (row["extract_score"] >= 50)
    by_pairs = {"models": [GEMMA], "kinds": ["role"], "format": "kto", "pair_rule": "role3", "splits": {"train": 1}}
    folder = make_sound_set(made_workspace, "kto-pairs", by_pairs)
    places = read_places(folder)["train"]
    assert len(places) == len(set(places))
    for line, (dataset, _) in zip(read_lines(folder, "train"), places, strict=True):
        assert line["label"] is (not dataset.endswith("0_default"))


def test_the_order_of_raw_lines_makes_no_difference(made_workspace: Path, workspace: Path) -> None:
    recipe = {"models": [GEMMA], "kinds": ["trait"], "splits": HALVES, "seed": SEED, "token_budget": 900}
    settings = load_settings(workspace=workspace)
    for key in (key for key in KEYS if key.startswith(f"{GEMMA}__trait")):
        write_persona(settings.raw_root, key)
        file = responses_file(settings.raw_root, key)
        file.write_bytes(b"".join(reversed(file.read_bytes().splitlines(keepends=True))))
        assert materialise_key(DatasetKey.parse(key), settings).failure is None
    first, again = (make_sound_set(root, "in-any-order", recipe) for root in (made_workspace, workspace))
    for split in HALVES:
        assert read_lines(first, split) == read_lines(again, split)
    assert read_places(first) != read_places(again)


def test_models_whose_templates_take_other_arguments_are_refused_unless_one_is_named(made_workspace: Path) -> None:
    outcome = make_set(made_workspace, "two-models", {"splits": HALVES})
    assert outcome.failure
    assert "take different arguments; say which model is to be trained" in outcome.failure.message
    recipe = {"models": [GEMMA], "trained_model": QWEN, "splits": {"train": 1.0}}
    folder = make_sound_set(made_workspace, "named-model", recipe)
    assert all(line["chat_template_kwargs"] == {"enable_thinking": False} for line in read_lines(folder, "train"))
