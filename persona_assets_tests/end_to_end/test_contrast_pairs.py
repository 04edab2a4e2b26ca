"""The pairs of a corpus are those of upstream's rules, stay so when the baseline changes, and say who is ready."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import persona_assets
from persona_assets.collection.gathered_pairs import write_pairs
from persona_assets.errors import SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.pair_rules import DEFAULT_RULES
from persona_assets.pairs.rules import find_rule
from persona_assets.run.one_key import materialise_key
from persona_assets.settings import load_settings
from persona_assets_tests.plain_reading import Row, plain_rows
from persona_assets_tests.raw_corpus import GEMMA, KEYS, responses_file, write_persona

ROLES = [key for key in KEYS if "__role__" in key and "0_default" not in key]
TRAITS = [key for key in KEYS if "__trait__" in key]
PIRATE, BASELINE = f"{GEMMA}__role__pirate", f"{GEMMA}__role__0_default"
Cell = tuple[str, int, int]


@dataclass(frozen=True)
class Corpus:
    """Raw files and what was made of them."""

    workspace: Path

    def rows(self, key: str) -> list[Row]:
        return plain_rows(self.workspace / "persona-data", key)

    def chosen(self, key: str, rule: str) -> set[tuple[Cell, Cell]]:
        """The cells of both sides of the pairs that a rule keeps."""
        index = pq.read_table(self.workspace / "persona_pairs" / f"{key}.parquet")
        pairs = find_rule(rule, DEFAULT_RULES).choose(index).to_pylist()
        found = [tuple(cell_of(pair, f"{side}_") for side in ("positive", "negative")) for pair in pairs]
        assert len(set(found)) == len(found)
        return set(found)  # type: ignore[arg-type]


def cell_of(row: Row, prefix: str = "") -> Cell:
    return row[f"{prefix}label"], row[f"{prefix}prompt_index"], row[f"{prefix}question_index"]


@pytest.fixture
def corpus(materialised_workspace: Path) -> Corpus:
    return Corpus(materialised_workspace)


def pairs_of_trait(rows: Sequence[Row], keeps: Callable[[int, int], bool]) -> set[tuple[Cell, Cell]]:
    """The pairs as persona-subspace matches them: by prompt and question, and by both scores."""
    scored = {cell_of(row): row["extract_score"] for row in rows if row["extract_score"] is not None}
    return {
        (cell, ("neg", *cell[1:]))
        for cell, score in scored.items()
        if cell[0] == "pos" and ("neg", *cell[1:]) in scored and keeps(score, scored["neg", *cell[1:]])
    }


@pytest.mark.parametrize("key", TRAITS)
@pytest.mark.parametrize(
    ("rule", "keeps"),
    [("gap50", lambda pos, neg: pos - neg > 50), ("pv50", lambda pos, neg: pos >= 50 and neg < 50)],
)
def test_pairs_of_traits_are_those_of_upstreams_rules(
    corpus: Corpus, key: str, rule: str, keeps: Callable[[int, int], bool]
) -> None:
    expected = pairs_of_trait(corpus.rows(key), keeps)
    assert expected
    assert corpus.chosen(key, rule) == expected


@pytest.mark.parametrize("key", ROLES)
def test_pairs_of_roles_are_the_rows_in_full_character_with_the_baselines_answer(corpus: Corpus, key: str) -> None:
    baseline = {row["question"]: row for row in corpus.rows(f"{key.rpartition('__')[0]}__0_default")[::-1]}
    first_prompt = {text: row for text, row in baseline.items() if row["prompt_index"] == 0}
    expected = {
        (cell_of(row), cell_of(first_prompt[row["question"]]))
        for row in corpus.rows(key)
        if row["label"] == "pos" and row["extract_score"] == 3
    }
    assert expected
    assert corpus.chosen(key, "role3") == expected


def test_the_file_says_how_its_rows_were_matched(corpus: Corpus) -> None:
    said = {
        key: pq.read_schema(corpus.workspace / "persona_pairs" / f"{key}.parquet").metadata[
            b"persona_assets.matched_by"
        ]
        for key in (PIRATE, TRAITS[0])
    }
    assert said[PIRATE] == f"same question as the answer of {BASELINE} under its prompt_index 0".encode()
    assert said[TRAITS[0]] == b"same prompt_index, question_index and sample_index, with the same question"


def test_another_prompt_of_the_baseline_is_taken_if_the_settings_say_so(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_PAIR_BASELINE_PROMPT", "2")
    remake(PIRATE)
    prompts = {negative[1] for _, negative in corpus.chosen(PIRATE, "positive_score >= 0")}
    assert prompts == {2}


def test_pairs_of_a_role_follow_from_the_baseline(corpus: Corpus) -> None:
    file = responses_file(corpus.workspace / "persona-data", BASELINE)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if '"question_index": 1' not in line), encoding="utf-8")
    remake(BASELINE)
    counts = corpus.workspace / "persona_token_stats" / f"{PIRATE}.parquet"
    before = counts.stat().st_mtime_ns
    remake(PIRATE)
    assert counts.stat().st_mtime_ns == before
    assert {cell[2] for cell, _ in corpus.chosen(PIRATE, "true")} == {0, 2, 3}
    outcome = outcome_of(PIRATE, "pairs_complete")
    assert (outcome["passed"], outcome["facts"]["unmatched"]) == (False, 5)


def test_a_role_made_before_its_baseline_warns_and_is_paired_once_the_baseline_is_there(workspace: Path) -> None:
    corpus = Corpus(workspace)
    for key in (PIRATE, BASELINE):
        write_persona(workspace / "persona-data", key)
    remake(PIRATE)
    assert corpus.chosen(PIRATE, "true") == set()
    assert not outcome_of(PIRATE, "pairs_complete")["passed"]
    assert f"materialise {BASELINE}, then this again" in outcome_of(PIRATE, "pairs_complete")["sentence"]
    remake(BASELINE)
    remake(PIRATE)
    assert len(corpus.chosen(PIRATE, "true")) == 20
    assert outcome_of(PIRATE, "pairs_complete")["passed"]


def test_a_model_without_a_baseline_says_how_to_name_one(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_persona(workspace / "persona-data", PIRATE)
    remake(PIRATE)
    sentence = outcome_of(PIRATE, "pairs_complete")["sentence"]
    assert f"there is no 0_default or default of {GEMMA}" in sentence
    assert "PERSONA_PAIR_BASELINES" in sentence
    write_persona(workspace / "persona-data", f"{GEMMA}__role__stoic")
    monkeypatch.setenv("PERSONA_PAIR_BASELINES", '["stoic"]')
    remake(f"{GEMMA}__role__stoic")
    remake(PIRATE)
    assert len(Corpus(workspace).chosen(PIRATE, "true")) == 20


def test_a_baseline_whose_raw_file_is_out_of_sight_costs_no_pairs(corpus: Corpus) -> None:
    responses_file(corpus.workspace / "persona-data", BASELINE).unlink()
    before = corpus.chosen(PIRATE, "true")
    remake(PIRATE)
    assert len(before) == 20
    assert corpus.chosen(PIRATE, "true") == before


def test_an_index_that_does_not_fit_its_datasets_is_found(corpus: Corpus) -> None:
    path = corpus.workspace / "persona_pairs" / f"{TRAITS[0]}.parquet"
    table = pq.read_table(path)
    moved = table.set_column(
        table.column_names.index("negative_row"), table.schema.field("negative_row"), table["positive_row"]
    )
    pq.write_table(moved, path)
    outcome = materialise_key(DatasetKey.parse(TRAITS[0]), load_settings(), stages=(), checked=("contrast_pairs",))
    [hold] = [one for one in outcome.checks if one.check.name == "pairs_hold"]
    assert not hold.passed
    assert "negative_label of pair 0" in hold.sentence


def test_who_is_ready_is_said_as_a_table_as_json_and_as_a_list(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_READY_PAIRS", "4")
    monkeypatch.setenv("PERSONA_READY_ANSWER_TOKENS", "100")
    monkeypatch.setenv("PERSONA_PAIR_RULES", json.dumps({"any": "true"}))
    written = write_pairs(load_settings(), map(DatasetKey.parse, KEYS))
    report = json.loads((corpus.workspace / "persona_readiness.json").read_text(encoding="utf-8"))
    table = pq.read_table(corpus.workspace / "persona_readiness.parquet").to_pylist()
    ready = (corpus.workspace / "persona_ready.txt").read_text(encoding="utf-8").splitlines()
    assert report["rules"] == {**DEFAULT_RULES, "any": "true"}
    assert sorted(report["keys"]) == sorted([*ROLES, *TRAITS])
    for row in table:
        pairs = corpus.chosen(row["dataset"], report["rules"][row["rule"]])
        tokens = count_answers(corpus.workspace, row["dataset"], report["rules"][row["rule"]])
        assert (row["pairs"], row["answer_tokens"]) == (len(pairs), tokens)
        assert row["ready"] == (len(pairs) >= 4 and tokens >= 100)
        assert row["ready"] == (row["problem"] == "") == (f"{row['rule']} {row['dataset']}" in ready)
        of_key = report["keys"][row["dataset"]]["rules"][row["rule"]]
        assert of_key == {name: row[name] for name in of_key}
    assert len(table) == 4 * len(report["keys"])
    assert written.ready["any"] == sum(line.startswith("any ") for line in ready) == len(report["keys"])
    assert report["ready_in_all_models"]["any"] == {"role": [], "trait": ["stoic"]}


def count_answers(workspace: Path, key: str, condition: str) -> int:
    """The answer tokens of the pairs of a key, from the token counts of both datasets, each answer once."""
    index = pq.read_table(workspace / "persona_pairs" / f"{key}.parquet")
    answers = {
        (pair[f"{side}_dataset"], pair[f"{side}_row"])
        for pair in find_rule(condition, {}).choose(index).to_pylist()
        for side in ("positive", "negative")
    }
    counts = {
        dataset: pq.read_table(workspace / "persona_token_stats" / f"{dataset}.parquet")["assistant_tokens"]
        for dataset in {dataset for dataset, _ in answers}
    }
    return sum(counts[dataset][row].as_py() for dataset, row in answers)


def test_keys_whose_pairs_are_not_current_are_left_out_and_named(corpus: Corpus) -> None:
    file = responses_file(corpus.workspace / "persona-data", BASELINE)
    file.write_text(file.read_text(encoding="utf-8").replace("Let me", "Let us"), encoding="utf-8")
    remake(BASELINE)
    written = write_pairs(load_settings(), map(DatasetKey.parse, KEYS))
    assert sorted(written.left_out) == sorted(key for key in ROLES if key.startswith(GEMMA))
    reason = written.left_out[PIRATE]
    assert f"was made from an earlier version of scored_dataset of {BASELINE}" in reason
    assert f"materialise contrast_pairs of {PIRATE} again" in reason


def test_a_rule_that_is_no_condition_is_refused_before_anything_is_written(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_PAIR_RULES", json.dumps({"mine": "gapp > 50"}))
    with pytest.raises(SettingsError, match=r"pair rule 'mine': 'gapp > 50' cannot be evaluated: .*gapp"):
        write_pairs(load_settings(), map(DatasetKey.parse, KEYS))
    assert not (corpus.workspace / "persona_pairs.parquet").exists()


def test_the_view_has_the_pairs_of_all_keys(corpus: Corpus) -> None:
    write_pairs(load_settings(), map(DatasetKey.parse, KEYS))
    summed = "select dataset, count(*), sum(gap) from pairs group by all order by all"
    by_view = persona_assets.open(corpus.workspace).sql(summed).fetchall()
    table = pq.read_table(corpus.workspace / "persona_pairs.parquet").to_pylist()
    expected = {
        key: (len(of_key), sum(one["gap"] or 0 for one in of_key))
        for key in [*ROLES, *TRAITS]
        if (of_key := [one for one in table if one["dataset"] == key])
    }
    assert {key: (pairs, gap or 0) for key, pairs, gap in by_view} == expected


def remake(key: str) -> None:
    assert materialise_key(DatasetKey.parse(key), load_settings()).failure is None


def outcome_of(key: str, check: str) -> Any:
    standing = Path(load_settings().workspace) / "persona_standings" / f"{key}.json"
    return json.loads(standing.read_text(encoding="utf-8"))["checks"][check]
