"""assistant-axis: with and without a folder for each kind, its baseline, its judge's neighbours, and its fork."""

from pathlib import Path
from typing import Any

import pytest

from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint
from persona_assets.raw.rows import Identity, Reason
from persona_assets.raw.sources import locate
from persona_assets.sample.conversations import BASELINE, sample_keys
from persona_assets_tests.raw.layouts.demo import line, read, rewrite, scores_of, write_json, write_lines
from persona_assets_tests.raw.test_discovery import problems, put

WITH_KINDS = {
    "roles_240/responses": "roles/responses",
    "roles_240/extract_scores": "roles/scores",
    "traits_240/responses": "traits/responses",
    "traits_240/extract_scores": "traits/scores",
}
WITHOUT = WITH_KINDS | {"roles_240/responses": "responses", "roles_240/extract_scores": "scores"}
AS_FORKED = WITHOUT | {"traits_240/responses": "responses_q50", "traits_240/extract_scores": "scores_q50"}
LONG_WORDS = {"pos": "positive", "neg": "negative"}
ROLE, TRAIT, DEFAULT = DatasetKey("m", "role", "a"), DatasetKey("m", "trait", "a"), DatasetKey("m", "role", "default")


def as_forked(row: dict[str, Any]) -> dict[str, Any]:
    """With a label that repeats the indices, and fields that nobody else writes."""
    word = LONG_WORDS.get(row["label"], row["label"])
    label = f"{word}_p{row['prompt_index']}_q{row['question_index']}"
    extra = {
        "trait": "calm",
        "polarity": word,
        "assistant_response": "x",
        "model": "m",
        "generation_params": {"n": 1},
    }
    return row | {"label": label} | extra


def with_long_words(scores: dict[str, Any]) -> dict[str, Any]:
    return {f"{LONG_WORDS[name[:3]]}{name[3:]}": value for name, value in scores.items()}


def all_pos(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"label": row["label"].replace("default", "pos")}


@pytest.mark.parametrize("folders", [WITH_KINDS, WITHOUT], ids=["kinds", "no kinds"])
def test_the_same_content_gives_the_same_rows_and_scores(folders: dict[str, str], demo: Path, tmp_path: Path) -> None:
    rewrite(demo, tmp_path, folders, change=all_pos, rename={BASELINE: "default"})
    compare_with_demo(demo, tmp_path)


def test_the_same_content_in_the_fork_gives_the_same_rows_and_scores(demo: Path, tmp_path: Path) -> None:
    rewrite(demo, tmp_path, AS_FORKED, change=as_forked, change_scores=with_long_words, rename={BASELINE: "default"})
    compare_with_demo(demo, tmp_path)


def compare_with_demo(demo: Path, root: Path) -> None:
    inventory = discover(RawCorpus(root))
    assert inventory.unfit == ()
    assert {reading.layout for reading in inventory.models} == {"assistant-axis"}
    assert len(inventory.keys) == len(sample_keys())
    for there in sample_keys():
        here = DatasetKey(there.model, there.kind_name, there.persona.replace(BASELINE, "default"))
        assert here in inventory.keys
        (rows, entries), scores = read(root, here), scores_of(root, here)
        assert entries == []
        assert rows.rows == read(demo, there)[0].rows
        assert scores.by_row == scores_of(demo, there).by_row
        assert (scores.unreadable_keys, scores.conflicting_keys, scores.legacy_keys) == ((), (), 0)


@pytest.mark.parametrize("folder", ["", "roles/", "traits/"])
@pytest.mark.parametrize("label", ["pos", "default", "neutral", "positive_p0_q7", ...])
def test_the_baseline_has_the_label_default_whatever_its_rows_say(folder: str, label: object, tmp_path: Path) -> None:
    write_lines(tmp_path / f"m/{folder}responses/default.jsonl", line(0, label=label), line(1, label="pos"))
    key = DatasetKey("m", "trait" if folder == "traits/" else "role", "default")
    assert discover(RawCorpus(tmp_path)).keys == (key,)
    raw, entries = read(tmp_path, key)
    assert entries == []
    assert [row.identity for row in raw.rows] == [Identity("default", 0, 0), Identity("default", 0, 1)]
    assert locate(RawCorpus(tmp_path), key).is_baseline


def test_the_baseline_is_never_scored_and_scores_of_it_are_named(tmp_path: Path) -> None:
    write_lines(tmp_path / "m/responses/default.jsonl", line())
    path = write_json(tmp_path / "m/scores/default.json", {"pos_p0_q0": 3})
    sources = locate(RawCorpus(tmp_path), DEFAULT)
    assert sources.scores == ()
    assert scores_of(tmp_path, DEFAULT).by_row == {}
    assert problems(discover(RawCorpus(tmp_path))) == {
        str(path.relative_to(tmp_path)): "scores answers without a persona, which are published without scores"
    }


def test_no_other_persona_is_a_baseline(tmp_path: Path) -> None:
    put(tmp_path, "m/responses/0_default.jsonl", "m/responses/default_reader.jsonl")
    keys = discover(RawCorpus(tmp_path)).keys
    assert [locate(RawCorpus(tmp_path), key).is_baseline for key in keys] == [False, False]


def test_a_verdict_that_could_not_be_parsed_has_no_name_and_is_missing(tmp_path: Path) -> None:
    write_lines(tmp_path / "m/responses/a.jsonl", line(0), line(1))
    write_json(tmp_path / "m/scores/a.json", {"pos_p0_q0": 3})
    scores = scores_of(tmp_path, ROLE)
    assert [scores.score_of(Identity("pos", 0, index)).status for index in (0, 1)] == ["ok", "missing"]


@pytest.mark.parametrize("name", ["_batch_state.json", "_batch.lock", "_batch.log", "a.json.tmp"])
@pytest.mark.parametrize("folder", ["scores", "roles/scores", "roles"])
def test_what_a_judging_batch_keeps_is_no_data_and_no_finding(name: str, folder: str, tmp_path: Path) -> None:
    write_lines(tmp_path / "m/responses/a.jsonl", line())
    write_lines(tmp_path / "m/roles/responses/b.jsonl", line())
    write_json(tmp_path / "m/scores/a.json", {})
    write_json(tmp_path / "m/roles/scores/b.json", {})
    before = discover(RawCorpus(tmp_path)), fingerprint(RawCorpus(tmp_path))
    put(tmp_path, f"m/{folder}/{name}")
    assert (discover(RawCorpus(tmp_path)), fingerprint(RawCorpus(tmp_path))) == before
    assert len(before[0].keys) == 2
    assert before[0].unfit == ()


def test_a_label_that_contradicts_the_indices_of_its_row_costs_that_row(tmp_path: Path) -> None:
    rows = [as_forked(line(index)) for index in range(3)]
    rows[1] |= {"question_index": 7}
    rows[2] |= {"label": "positive_p4_q2"}
    write_lines(tmp_path / "m/responses_q50/a.jsonl", *rows)
    raw, entries = read(tmp_path, TRAIT)
    assert [row.question_index for row in raw.rows] == [0]
    assert [(entry.line, entry.reason, entry.detail) for entry in entries] == [
        (2, Reason.UNKNOWN_LABEL, "label 'positive_p0_q1' contradicts the question_index of its row, 7"),
        (3, Reason.UNKNOWN_LABEL, "label 'positive_p4_q2' contradicts the prompt_index of its row, 0"),
    ]
    assert '"label": "positive_p0_q1"' in entries[0].excerpt


@pytest.mark.parametrize("label", ["happy", "happy_p0_q0", "neg", "negative_p0_q0", "positive_p0", "pos_p0_q0_x"])
def test_a_label_that_a_role_does_not_have_costs_the_row(label: str, tmp_path: Path) -> None:
    write_lines(tmp_path / "m/responses/a.jsonl", line(0), line(0, prompt_index=1), line(0, label=label))
    _, [entry] = read(tmp_path, ROLE)
    assert (entry.line, entry.reason) == (3, Reason.UNKNOWN_LABEL)
    assert "is none of pos, default, positive" in entry.detail


def test_the_fields_that_a_fork_adds_are_counted_and_cost_nothing(tmp_path: Path) -> None:
    write_lines(tmp_path / "m/traits/responses_q50/a.jsonl", as_forked(line()))
    raw, _ = read(tmp_path, TRAIT)
    assert set(raw.ledger.extra_fields) == {
        "trait",
        "polarity",
        "assistant_response",
        "model",
        "generation_params",
    }


def test_files_of_the_fork_without_a_folder_of_a_kind_are_traits(tmp_path: Path) -> None:
    put(tmp_path, "m/responses/a.jsonl", "m/responses_q50/a.jsonl", "m/scores_q50/a.json")
    inventory = discover(RawCorpus(tmp_path))
    assert inventory.keys == (ROLE, TRAIT)
    assert inventory.unfit == ()
    files = locate(RawCorpus(tmp_path), TRAIT).files
    assert [str(file.path.relative_to(tmp_path)) for file in files] == [
        "m/responses_q50/a.jsonl",
        "m/scores_q50/a.json",
    ]


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("m/response/b.jsonl", "m/response"),
        ("m/Scores/b.json", "m/Scores"),
        ("m/role/responses/b.jsonl", "m/role"),
        ("m/roles/Responses/b.jsonl", "m/roles/Responses"),
        ("m/roles/score/b.json", "m/roles/score"),
    ],
)
def test_a_misspelt_folder_is_named_with_what_it_holds(file: str, named: str, tmp_path: Path) -> None:
    put(tmp_path, "m/responses/a.jsonl", "m/roles/responses/c.jsonl", file)
    inventory = discover(RawCorpus(tmp_path))
    assert [key.persona for key in inventory.keys] == ["a", "c"]
    assert list(problems(inventory)) == [named]
    assert f"1 raw files such as {Path(file).name}" in problems(inventory)[named]
    assert (
        "raw files belong in {model}/{responses|scores}/ or {model}/{roles|traits}/{responses|scores}/"
        in (problems(inventory)[named])
    )


def test_a_file_too_many_is_named(tmp_path: Path) -> None:
    put(tmp_path, "m/responses/a.jsonl", "m/responses/notes.txt", "m/scores/b.json", "m/roles/a.jsonl", "m/c.jsonl")
    assert {name: problem.split(";")[0] for name, problem in problems(discover(RawCorpus(tmp_path))).items()} == {
        "m/responses/notes.txt": "is no .jsonl file",
        "m/scores/b.json": "scores conversations that are not there",
        "m/roles/a.jsonl": "is not read here",
        "m/c.jsonl": "is not read here",
    }


def test_a_persona_in_two_folders_of_its_kind_is_no_key(tmp_path: Path) -> None:
    put(tmp_path, "m/responses/a.jsonl", "m/roles/responses/a.jsonl", "m/roles/responses/b.jsonl")
    inventory = discover(RawCorpus(tmp_path))
    assert [key.persona for key in inventory.keys] == ["b"]
    [(named, problem)] = problems(inventory).items()
    assert {named, problem.split(";")[0]} <= {
        "m/roles/responses/a.jsonl",
        f"holds the same persona as {tmp_path}/m/responses/a.jsonl",
    }


def test_a_raw_root_that_is_the_folder_of_a_model_gives_no_key_and_says_so(tmp_path: Path) -> None:
    put(
        tmp_path, "roles/responses/a.jsonl", "roles/scores/a.json", "traits/responses/b.jsonl", "traits/scores/b.json"
    )
    inventory = discover(RawCorpus(tmp_path))
    assert inventory.keys == ()
    assert set(problems(inventory)) == {
        "roles/responses",
        "roles/scores",
        "traits/responses",
        "traits/scores",
    }


def test_the_fingerprint_changes_with_every_file_and_every_finding(tmp_path: Path) -> None:
    seen = [fingerprint(RawCorpus(tmp_path))]
    for file in (
        "m/responses/a.jsonl",
        "m/scores/a.json",
        "m/roles/responses/b.jsonl",
        "m/c.jsonl",
        "m/score/x.json",
    ):
        put(tmp_path, file)
        seen.append(fingerprint(RawCorpus(tmp_path)))
    (tmp_path / "m/scores/a.json").write_text("{}")
    seen.append(fingerprint(RawCorpus(tmp_path)))
    assert len(set(seen)) == len(seen)
