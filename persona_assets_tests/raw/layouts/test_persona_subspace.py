"""persona-subspace before its 240 questions: either name of the scores, neutral rows of traits, pairs of prompts."""

import re
from pathlib import Path
from typing import Any

import pytest

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey, Variant
from persona_assets.kinds import TRAIT
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint
from persona_assets.raw.rows import Identity, Note, Reason
from persona_assets.raw.sources import locate
from persona_assets.sample.conversations import sample_keys
from persona_assets_tests.raw.layouts.demo import line, read, rewrite, scores_of, write_json, write_lines
from persona_assets_tests.raw.test_discovery import problems, put

SCORES, LABELS = "extract_scores", "extract_labels"
ROLE, CALM = DatasetKey("m", "role", "a"), DatasetKey("m", "trait", "calm")


def folders(scores: str) -> dict[str, str]:
    places = {"responses": "responses", "extract_scores": scores}
    return {f"{kind}_240/{old}": f"{kind}/{new}" for kind in ("roles", "traits") for old, new in places.items()}


def with_pairs(row: dict[str, Any]) -> dict[str, Any]:
    """As the oldest rows of traits are."""
    return {name.replace("prompt_index", "pair_index"): value for name, value in row.items()}


def with_short_names(scores: dict[str, Any]) -> dict[str, Any]:
    """As the oldest scores are, of which all are of the first prompt."""
    return {re.sub("_p0_q", "_", name): value for name, value in scores.items()}


@pytest.mark.parametrize("scores", [SCORES, LABELS])
@pytest.mark.parametrize("change", [dict, with_pairs], ids=["prompt_index", "pair_index"])
def test_the_same_content_gives_the_same_rows_and_scores(
    scores: str, change: Any, demo: Path, tmp_path: Path
) -> None:
    rewrite(demo, tmp_path, folders(scores), change=change, change_scores=with_short_names)
    inventory = discover(RawCorpus(tmp_path))
    assert inventory.keys == tuple(sorted(sample_keys()))
    assert inventory.unfit == ()
    assert {reading.layout for reading in inventory.models} == {"persona-subspace"}
    for key in sample_keys():
        (here, entries), (there, _) = read(tmp_path, key), read(demo, key)
        assert entries == []
        assert here.rows == there.rows
        assert here.ledger.record() == there.ledger.record()
        assert scores_of(tmp_path, key).by_row == scores_of(demo, key).by_row


@pytest.mark.parametrize(("persona", "baseline"), [("0_default", True), ("12_default", True), ("default", False)])
def test_a_baseline_is_a_numbered_default(persona: str, baseline: bool, tmp_path: Path) -> None:
    put(tmp_path, f"m/roles/responses/{persona}.jsonl", "m/roles/extract_scores/a.json")
    assert locate(RawCorpus(tmp_path), DatasetKey("m", "role", persona)).is_baseline == baseline


def test_neutral_and_default_rows_of_a_trait_are_kept_as_default_and_may_be_scored(tmp_path: Path) -> None:
    words = ("pos", "neg", "neutral", "default")
    rows = [line(0, label=word, prompt_index=int(word == "default")) for word in words]
    write_lines(tmp_path / "m/traits/responses/calm.jsonl", *rows)
    scores = {"pos_0": 90, "neg_p0_q0": 5, "default_0": 40, "default_p1_q0": 41}
    write_json(tmp_path / "m/traits/extract_labels/calm.json", scores)
    raw, entries = read(tmp_path, CALM)
    assert entries == []
    assert [row.identity for row in raw.rows] == [
        Identity("pos", 0, 0),
        Identity("neg", 0, 0),
        Identity("default", 0, 0),
        Identity("default", 1, 0),
    ]
    assert raw.ledger.notes == {Note.LEGACY_LABEL: 1}
    found = scores_of(tmp_path, CALM)
    assert [found.score_of(row.identity).value for row in raw.rows] == [90, 5, 40, 41]
    assert found.legacy_keys == 2


def test_neutral_scores_of_a_trait_are_those_of_its_default_rows(tmp_path: Path) -> None:
    write_lines(tmp_path / "m/traits/responses/calm.jsonl", line(3, label="neutral"))
    write_json(tmp_path / "m/traits/extract_scores/calm.json", {"neutral_3": 50})
    assert scores_of(tmp_path, CALM).score_of(Identity("default", 0, 3)).value == 50


def test_no_variant_selects_the_default_rows_of_a_trait() -> None:
    assert TRAIT.row_labels == ("pos", "neg", "default")
    with pytest.raises(InvalidNameError, match=r"\(pos or neg\)"):
        Variant.parse("default", TRAIT)


def test_a_neutral_and_a_default_row_that_claim_the_same_place_are_both_quarantined(tmp_path: Path) -> None:
    """The judge's scores call both default: nothing tells which of them they are of."""
    other = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Who knows."}]
    rows = [line(label="pos"), line(label="neutral"), line(label="default", conversation=other)]
    write_lines(tmp_path / "m/traits/responses/calm.jsonl", *rows)
    put(tmp_path, "m/traits/extract_scores/x")
    _, entries = read(tmp_path, CALM)
    assert [(entry.line, entry.reason) for entry in entries] == [
        (2, Reason.CONFLICTING_DUPLICATE),
        (3, Reason.CONFLICTING_DUPLICATE),
    ]


def test_a_row_without_any_index_of_its_prompt_means_the_first_and_is_noted(tmp_path: Path) -> None:
    rows = [line(0, prompt_index=...), line(1, prompt_index=2), line(0, prompt_index=..., pair_index=3)]
    write_lines(tmp_path / "m/traits/responses/calm.jsonl", *rows)
    put(tmp_path, "m/traits/extract_scores/x")
    raw, entries = read(tmp_path, CALM)
    assert entries == []
    assert [row.prompt_index for row in raw.rows] == [0, 2, 3]
    assert raw.ledger.notes == {Note.LEGACY_PROMPT_INDEX: 1}
    assert raw.ledger.extra_fields == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pair_index": "0", "prompt_index": ...}, Reason.WRONG_TYPE),
        ({"pair_index": 9, "prompt_index": ...}, Reason.INDEX_OUT_OF_RANGE),
        ({"question": ...}, Reason.MISSING_FIELD),
        ({"label": "positive"}, Reason.UNKNOWN_LABEL),
    ],
)
def test_what_no_version_wrote_costs_the_row(changes: dict[str, Any], reason: Reason, tmp_path: Path) -> None:
    write_lines(tmp_path / "m/traits/responses/calm.jsonl", line(0), line(1, **changes))
    put(tmp_path, "m/traits/extract_scores/x")
    raw, [entry] = read(tmp_path, CALM)
    assert (entry.line, entry.reason) == (2, reason)
    assert len(raw.rows) == 1
    assert entry.excerpt.startswith('{"system_prompt"')


def test_the_tracking_of_batches_is_no_persona_and_no_finding(tmp_path: Path) -> None:
    put(tmp_path, "m/roles/responses/a.jsonl", "m/roles/extract_scores/a.json")
    before = fingerprint(RawCorpus(tmp_path))
    put(tmp_path, "m/roles/responses/batch_tracking.jsonl", "m/roles/batch_tracking.jsonl")
    inventory = discover(RawCorpus(tmp_path))
    assert (inventory.keys, inventory.unfit) == ((ROLE,), ())
    assert fingerprint(RawCorpus(tmp_path)) == before


def test_where_both_names_of_scores_are_there_one_is_read_and_the_other_named(tmp_path: Path) -> None:
    write_lines(tmp_path / "m/roles/responses/a.jsonl", line())
    write_json(tmp_path / "m/roles/extract_labels/a.json", {"pos_0": 0})
    write_json(tmp_path / "m/roles/extract_scores/a.json", {"pos_0": 3})
    assert scores_of(tmp_path, ROLE).score_of(Identity("pos", 0, 0)).value == 3
    assert problems(discover(RawCorpus(tmp_path))) == {
        "m/roles/extract_labels": "is not read, because extract_scores is there as well; keep one of them"
    }


@pytest.mark.parametrize(
    ("file", "named", "problem"),
    [
        ("roles/response/b.jsonl", "roles/response", "holds 1 raw files such as b.jsonl, but only its responses"),
        ("roles/extract_lables/b.json", "roles/extract_lables", "holds 1 raw files such as b.json, but only its"),
        ("Roles/responses/b.jsonl", "Roles", "holds 1 raw files such as b.jsonl, but only roles and traits of"),
        ("roles/responses/b.txt", "roles/responses/b.txt", "is no .jsonl file"),
        ("roles/extract_scores/b.json", "roles/extract_scores/b.json", "scores conversations that are not there"),
        ("responses/b.jsonl", "responses", "holds 1 raw files such as b.jsonl, but only roles and traits of"),
    ],
)
def test_a_misspelt_folder_and_a_file_too_many_are_named(file: str, named: str, problem: str, tmp_path: Path) -> None:
    put(tmp_path, "m/roles/responses/a.jsonl", "m/roles/extract_scores/a.json")
    before = fingerprint(RawCorpus(tmp_path))
    put(tmp_path, f"m/{file}")
    inventory = discover(RawCorpus(tmp_path))
    assert inventory.keys == (ROLE,)
    [(found, said)] = problems(inventory).items()
    assert found == f"m/{named}"
    assert said.startswith(problem)
    assert fingerprint(RawCorpus(tmp_path)) != before
