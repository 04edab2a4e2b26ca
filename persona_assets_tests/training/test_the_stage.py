"""A set follows its datasets, says what it left out, and its checks find what was done to its files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest

from persona_assets.collection.survey import State
from persona_assets.collection.training_sets import survey_sets
from persona_assets.errors import SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.run.key_task import KeyTask
from persona_assets.run.one_key import materialise_key
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.outcomes import Unchanged
from persona_assets.stages.registry import list_switched_on
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets_tests.raw_corpus import GEMMA, PROMPT_FORMS, QWEN, responses_file, scores_file, write_persona
from persona_assets_tests.training.sets import HALVES, make_set, make_sound_set, read_lines, read_manifest

KEYS = tuple(DatasetKey.parse(f"{GEMMA}__{name}") for name in ("role__0_default", "role__pirate", "trait__stoic"))
ROWS = {"models": [GEMMA], "splits": HALVES, "seed": 7}
PAIRS = {**ROWS, "kinds": ["role"], "format": "dpo", "pair_rule": "true", "splits": {"train": 1.0}}
SETS: dict[str, Any] = {"rows": ROWS, "pairs": PAIRS}


@pytest.fixture
def settings(workspace: Path) -> Settings:
    settings = load_settings(training_sets=SETS)
    for key in KEYS:
        write_persona(settings.raw_root, str(key))
        make_key(key, settings)
    return settings


def make_key(key: DatasetKey, settings: Settings) -> None:
    outcome = materialise_key(key, settings, variants=settings.variants_of(key.kind))
    assert outcome.failure is None, outcome.failure


def make_all(settings: Settings) -> dict[str, bool]:
    """Whether each set was made, and not left alone."""
    made = {}
    for name in SETS:
        outcome = materialise_key(name, settings, partitioning=BY_SET)
        assert outcome.failure is None, outcome.failure
        made[name] = not isinstance(outcome.made["training_sets"], Unchanged) and bool(outcome.checks)
    return made


def states(settings: Settings) -> dict[str, tuple[State, str]]:
    return {one.name: (one.state, one.reason) for one in survey_sets(settings)}


def written(settings: Settings) -> dict[str, int]:
    folder = settings.workspace / "persona_training_sets"
    return {name: (folder / name / "manifest.json").stat().st_mtime_ns for name in SETS}


def test_it_goes_stale_with_a_dataset_that_it_reads_and_is_then_made_again(settings: Settings) -> None:
    assert set(states(settings).values()) == {(State.MISSING, "was never made")}
    make_all(settings)
    assert set(states(settings).values()) == {(State.PASSED, "")}
    before = written(settings)
    make_all(settings)
    assert written(settings) == before
    file = responses_file(settings.raw_root, str(KEYS[0]))
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"}], "question_index"', ' Indeed."}], "question_index"'), encoding="utf-8")
    make_key(KEYS[0], settings)
    found = states(settings)
    assert {state for state, _ in found.values()} == {State.STALE}
    assert f"scored_dataset of {KEYS[0]}" in found["pairs"][1]
    outcome = materialise_key("pairs", settings, partitioning=BY_SET)
    assert outcome.failure
    assert f"no pairs can be read; contrast_pairs of {KEYS[1]} was made from an earlier" in outcome.failure.message
    make_key(KEYS[1], settings)
    make_all(settings)
    assert set(states(settings).values()) == {(State.PASSED, "")}
    lines = read_lines(settings.workspace / "persona_training_sets" / "pairs", "train")
    assert all(line["rejected"][0]["content"].endswith(" Indeed.") for line in lines)


def test_it_goes_stale_with_its_recipe_and_with_a_new_dataset_that_it_means(settings: Settings) -> None:
    make_all(settings)
    other = settings.model_copy(
        update={"training_sets": load_settings(training_sets={**SETS, "rows": {**ROWS, "seed": 5}}).training_sets}
    )
    assert states(other)["rows"][0] is State.STALE
    assert states(other)["pairs"][0] is State.PASSED
    new = DatasetKey.parse(f"{GEMMA}__trait__blunt")
    write_persona(settings.raw_root, str(new))
    make_key(new, settings)
    assert states(settings)["rows"][0] is State.STALE
    assert states(settings)["pairs"][0] is State.PASSED


def test_a_set_without_a_recipe_is_orphaned_and_cannot_be_made(settings: Settings) -> None:
    make_all(settings)
    without = settings.model_copy(update={"training_sets": {}})
    assert {state for state, _ in states(without).values()} == {State.ORPHANED}
    outcome = materialise_key("rows", without, partitioning=BY_SET, redo=True)
    assert outcome.failure
    assert "has no training set 'rows', it has none" in outcome.failure.message


def test_datasets_that_cannot_be_read_are_left_out_and_named(settings: Settings) -> None:
    (settings.workspace / "persona_token_stats" / f"{KEYS[1]}.parquet").unlink()
    outcome = materialise_key("rows", settings, partitioning=BY_SET)
    assert outcome.failure is None
    [read] = [check for check in outcome.checks if check.check.name == "datasets_read"]
    assert not read.passed
    assert f"materialise token_stats of {KEYS[1]} first" in read.sentence
    assert list(read_manifest(settings.workspace / "persona_training_sets" / "rows")["not_read"]) == [str(KEYS[1])]


def test_without_signs_only_recipes_that_need_none_are_made(settings: Settings) -> None:
    off = settings.model_copy(update={"stages_off": ("conversation_signs",)})
    outcome = materialise_key("rows", off, partitioning=BY_SET)
    assert outcome.failure
    assert "switch it on, or set whole_answers = false" in outcome.failure.message
    recipe = {**ROWS, "whole_answers": False}
    make_sound_set(settings.workspace, "no-signs", recipe, stages_off=("conversation_signs",))


def test_without_pairs_only_recipes_that_need_none_are_made(settings: Settings) -> None:
    off = settings.model_copy(update={"stages_off": ("contrast_pairs",)})
    outcome = materialise_key("pairs", off, partitioning=BY_SET)
    assert outcome.failure
    assert "it is made of contrast_pairs, which PERSONA_STAGES_OFF names" in outcome.failure.message
    assert materialise_key("rows", off, partitioning=BY_SET).failure is None


def test_what_another_stage_cannot_do_without_still_cannot_be_switched_off() -> None:
    assert list_switched_on(load_settings(stages_off=("conversation_signs", "contrast_pairs")), BY_SET)
    with pytest.raises(SettingsError, match="'token_stats' is not an optional stage"):
        list_switched_on(load_settings(stages_off=("token_stats",)), BY_SET)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"models": ["gemma"]}, "no model is called 'gemma'; did you mean gemma-2-27b?"),
        ({"personas": ["pirat"]}, "no persona is called 'pirat'; did you mean pirate?"),
        ({"models": [QWEN]}, "no model is called 'qwen-3-32b'; there is gemma-2-27b"),
        ({**ROWS, "min_score": 101}, "none of 80 rows is left. Left out: .*: has no score; .*: scores too low"),
        ({**ROWS, "where": "no_column = 1"}, "'no_column = 1' cannot be evaluated: .*no_column"),
        ({**ROWS, "token_budget": 4}, "split 'train' would be empty"),
        ({**PAIRS, "pair_rule": "gap > 1000"}, "none of 20 pairs is left. Left out: 20: the pair rule is not met"),
    ],
)
def test_a_recipe_that_chooses_nothing_says_why(recipe: dict[str, Any], message: str, settings: Settings) -> None:
    outcome = make_set(settings.workspace, "nothing", recipe)
    assert outcome.failure
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(outcome.failure.message)
    assert not (settings.workspace / "persona_training_sets" / "nothing").exists()


def change_line(folder: Path, split: str, change: Callable[[Any], Any]) -> None:
    path = folder / f"{split}.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([json.dumps(change(json.loads(lines[0]))), *lines[1:]]) + "\n", encoding="utf-8")


def tell_the_persona(line: Any) -> Any:
    """Every instruction that the corpus has for a pirate, before the question."""
    told = " ".join(form.format("a pirate") for form in PROMPT_FORMS)
    return {**line, "prompt": [{"role": "user", "content": f"{told} {line['prompt'][0]['content']}"}]}


@pytest.mark.parametrize(
    ("check", "damage"),
    [
        ("loads_in_consumer", lambda folder: change_line(folder, "train", lambda line: {**line, "prompt": "Why?"})),
        ("loads_in_consumer", lambda folder: (folder / "train.jsonl").write_text("{", encoding="utf-8")),
        ("persona_removed", lambda folder: change_line(folder, "train", tell_the_persona)),
    ],
)
def test_a_check_finds_what_was_done_to_a_file(check: str, damage: Callable[[Path], Any], settings: Settings) -> None:
    recipe = {**ROWS, "personas": ["pirate"], "kinds": ["role"]}
    folder = make_sound_set(settings.workspace, "damaged", recipe)
    damage(folder)
    told = load_settings(training_sets={"damaged": recipe})
    outcome = KeyTask("damaged", told, (), (), ("training_sets",), partitioning=BY_SET).run()
    assert check in {one.check.name for one in outcome.checks if not one.passed}


def test_a_changed_count_is_found_by_the_budget_check(settings: Settings) -> None:
    recipe = {**ROWS, "token_budget": 500}
    make_sound_set(settings.workspace, "counted", recipe)
    path = settings.workspace / "persona_manifests" / "counted.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["training_sets"]["splits"]["train"]["answer_tokens"] -= 1
    path.write_text(json.dumps(manifest), encoding="utf-8")
    told = load_settings(training_sets={"counted": recipe})
    outcome = KeyTask("counted", told, (), (), ("training_sets",), partitioning=BY_SET).run()
    assert {one.check.name for one in outcome.checks if not one.passed} == {"budget_kept"}


def test_the_folder_loads_as_a_dataset_by_its_card(settings: Settings, tmp_path: Path) -> None:
    folder = make_sound_set(settings.workspace, "by-card", ROWS)
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path))
    assert set(loaded) == set(HALVES)
    for split in HALVES:
        assert loaded[split].to_list() == read_lines(folder, split)


def test_scores_alone_decide_that_nothing_is_left(settings: Settings) -> None:
    scores_file(settings.raw_root, str(KEYS[2])).write_text("{}", encoding="utf-8")
    make_key(KEYS[2], settings)
    outcome = make_set(settings.workspace, "unscored", {**ROWS, "kinds": ["trait"], "min_score": 0})
    assert outcome.failure
    assert "none of 40 rows is left. Left out: 40: has no score" in outcome.failure.message
