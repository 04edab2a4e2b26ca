"""What only some sources tell becomes a column where it is told, and nowhere else."""

import json
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.settings import Settings, load_settings
from persona_assets_tests.raw_corpus import QWEN, responses_file, scores_file, write_persona

KEY = f"{QWEN}__trait__stoic"
FIXED = [
    *("model", "trait", "system_prompt", "question", "messages", "prompt_index", "question_index"),
    *("label", "extract_score", "score_status"),
]


@pytest.fixture
def settings(workspace: Path) -> Settings:
    settings = load_settings()
    write_persona(settings.raw_root, KEY)
    return settings


def rows_of(settings: Settings) -> list[dict[str, Any]]:
    path = responses_file(settings.raw_root, KEY)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def write(settings: Settings, rows: list[dict[str, Any]], scores: dict[str, Any]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    responses_file(settings.raw_root, KEY).write_text(text, encoding="utf-8")
    scores_file(settings.raw_root, KEY).write_text(json.dumps(scores), encoding="utf-8")


def make(settings: Settings, *variants: str) -> datasets.Dataset:
    key = DatasetKey.parse(KEY)
    outcome = materialise_key(key, settings, variants=settings.variants_of(key.kind))
    assert outcome.failure is None
    failed = {check.check.name for check in outcome.checks if not check.passed}
    unlike_a_corpus = {"score_coverage", "all_rows_present", "score_file_accounted", "pairs_complete"}
    assert failed <= unlike_a_corpus | {"generator_counts_agree"}
    folder = settings.workspace / "datasets" / "processed" / "persona"
    loaded: datasets.Dataset = datasets.load_from_disk(str(folder / "__".join((KEY, *variants))))["train"]
    exported = pq.read_table(folder / f"{'__'.join((KEY, *variants))}.parquet")
    assert exported.to_pylist() == loaded.to_list()
    return loaded


def test_without_them_a_dataset_has_the_documented_columns_alone(settings: Settings) -> None:
    assert make(settings).column_names == FIXED


def test_several_samples_of_a_cell_are_rows_of_their_own_and_scored_each(settings: Settings) -> None:
    rows = [row | {"sample_index": sample} for row in rows_of(settings)[:10] for sample in range(3)]
    cell = "{label}_p{prompt_index}_q{question_index}"
    scores = {cell.format(**row) + f"_s{row['sample_index']}": 70 + row["sample_index"] for row in rows}
    first = cell.format(**rows[0])
    scores[first] = scores.pop(f"{first}_s0")  # the first sample may go without its number
    write(settings, rows, scores)
    made = make(settings)
    assert made.column_names == [*FIXED, "sample_index"]
    assert made["sample_index"][:] == [0, 1, 2] * 10
    assert made["extract_score"][:] == [70, 71, 72] * 10


def test_a_score_with_a_fraction_is_kept_exactly_and_rounded_down_beside_it(settings: Settings) -> None:
    rows = rows_of(settings)
    exact = [69.99, 70.0, 70.5, 100.0, 0.25, 99.999]
    named = ["{label}_p{prompt_index}_q{question_index}".format(**row) for row in rows]
    write(settings, rows, dict(zip(named, exact, strict=False)))
    made = make(settings)
    assert made.column_names == [*FIXED, "exact_score"]
    assert made["exact_score"][:6] == exact
    assert made["extract_score"][:6] == [69, 70, 70, 100, 0, 99]
    assert set(made["exact_score"][6:]) == {None}
    assert rows[0]["label"] == "pos"
    kept = make(settings, "min70", "pos")
    assert kept["exact_score"][:] == [70.0, 70.5, 100.0, 99.999], "a minimum keeps the same rows by either column"


def test_whole_scores_written_with_a_point_are_integers_and_make_no_column(settings: Settings) -> None:
    rows = rows_of(settings)
    write(settings, rows, {"{label}_p{prompt_index}_q{question_index}".format(**rows[0]): 70.0})
    made = make(settings)
    assert made.column_names == FIXED
    assert made["extract_score"][0] == 70


def test_finish_reason_and_the_generators_count_travel_with_the_row(settings: Settings) -> None:
    rows = rows_of(settings)
    rows[0] |= {"finish_reason": "length", "generated_tokens": 512}
    rows[2] |= {"finish_reason": "stop"}
    write(settings, rows, {})
    made = make(settings)
    assert made.column_names == [*FIXED, "finish_reason", "generated_tokens"]
    assert made["finish_reason"][:4] == ["length", None, "stop", None]
    assert made["generated_tokens"][:4] == [512, None, None, None]
