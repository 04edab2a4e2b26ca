"""What is exported for assistant-axis is the dataset: for its own scripts, and for our reader of its layout."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets_tests.plain_reading import Row, plain_lines, plain_rows
from persona_assets_tests.raw_corpus import GEMMA, MODELS, write_settings
from persona_assets_tests.steering.conftest import make_workspace
from persona_assets_tests.steering.corpora import Corpus

ALL = ("raw_conversations", "scored_dataset", "filtered_variants", "parquet_export")


@pytest.fixture(scope="module")
def exported(demo: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assistant_axis") / "out"
    demo.export("assistant_axis", folder, None, *demo.keys)
    return folder


def find_files(folder: Path, key: str) -> tuple[Path, Path]:
    model, kind, persona = key.split("__")
    place = folder / model / ("traits" if kind == "trait" else "")
    return place / "responses" / f"{persona}.jsonl", place / "scores" / f"{persona}.json"


def name_of(row: Row) -> str:
    """As 2_activations.py calls what it makes of a row."""
    return f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}"


def test_the_scripts_find_the_rows_and_scores_of_the_raw_files(demo: Corpus, exported: Path) -> None:
    for key in demo.keys:
        responses, scores = find_files(exported, key)
        rows = plain_rows(demo.settings.raw_root, key)
        found = {
            f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}": row for row in plain_lines(responses)
        }
        raw = {f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}": row for row in rows}
        assert list(found) == list(raw)
        assert [row["conversation"] for row in found.values()] == [row["messages"] for row in rows]
        judged = json.loads(scores.read_text()) if scores.exists() else {}
        assert {name for name in found if judged.get(name) == 3} == {
            name for name, row in raw.items() if row["extract_score"] == 3
        }
        assert scores.exists() == any(row["extract_score"] is not None for row in rows)


def test_read_in_that_layout_again_every_dataset_is_the_same(demo: Corpus, exported: Path, tmp_path: Path) -> None:
    write_settings(tmp_path, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    settings = load_settings(workspace=tmp_path, data_root=exported)
    before = demo.settings.workspace / "datasets" / "processed" / "persona"
    for key in demo.keys:
        assert materialise_key(DatasetKey.parse(key), demo.settings, stages=ALL).failure is None
        assert materialise_key(DatasetKey.parse(key), settings, stages=ALL).failure is None
        again = tmp_path / "datasets" / "processed" / "persona" / f"{key}.parquet"
        assert pq.read_table(again).equals(pq.read_table(before / f"{key}.parquet"))


def test_further_samples_are_left_out_because_the_scripts_would_mix_them_up(tmp_path: Path) -> None:
    workspace, _ = make_workspace(tmp_path / "workspace", "small")
    key = f"{GEMMA}__role__pirate"
    settings = load_settings(workspace=workspace)
    file = settings.raw_root / GEMMA / "roles_240" / "responses" / "pirate.jsonl"
    lines = file.read_text(encoding="utf-8").strip().split("\n")
    again = {**json.loads(lines[0]), "sample_index": 1}
    again["conversation"][-1] = {"role": "assistant", "content": "Another answer."}
    file.write_text("\n".join([*lines, json.dumps(again)]) + "\n", encoding="utf-8")
    assert materialise_key(DatasetKey.parse(key), settings, stages=ALL).failure is None
    corpus = Corpus(settings, (key,), {}, {})
    made = corpus.export("assistant_axis", tmp_path / "out", None, key).manifest.keys[key]
    assert (made.candidates, made.written, made.left_out) == (len(lines) + 1, len(lines), {"further_sample": 1})
    written = plain_lines(find_files(tmp_path / "out", key)[0])
    assert [row["conversation"] for row in written] == [json.loads(line)["conversation"] for line in lines]
