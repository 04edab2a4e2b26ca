"""The main job: all seven assets of all keys in one range run, and the statistics of all in one file."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.end_to_end import (
    STAGES,
    files_below,
    open_instance,
    partition_states,
    run_job,
    run_range,
)
from persona_assets_tests.plain_reading import plain_datasets, plain_rows
from persona_assets_tests.raw_corpus import (
    BROKEN_LINE,
    BROKEN_LINE_KEY,
    KEYS,
    MODELS,
    write_corpus,
    write_settings,
)

EMPTY = tuple(f"{model}__role__0_default__min3" for model in MODELS)
FOLDER_FILES = (
    "dataset_dict.json",
    "train/data-00000-of-00001.arrow",
    "train/dataset_info.json",
    "train/state.json",
)
PLOT_SIZE = (1008, 686)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after the main job."""
    return tmp_path_factory.mktemp("main_job") / "workspace"


@pytest.fixture(scope="module")
def instance(finished: Path) -> Iterator[dg.DagsterInstance]:
    """The instance that ran it."""
    write_settings(finished, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(finished / "persona-data")
    with open_instance(finished) as opened:
        yield opened


@pytest.fixture(scope="module", autouse=True)
def main_run(instance: dg.DagsterInstance, finished: Path) -> dg.ExecuteInProcessResult:
    run = run_range(instance, finished, (KEYS[0], KEYS[-1]), workers=2)
    assert run_job(instance, finished, "refresh_catalogue").success
    return run


@pytest.fixture(scope="module")
def expected(finished: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows by dataset name, of every dataset and variant, by the plain reading."""
    return {name: rows for key in KEYS for name, rows in plain_datasets(finished / "persona-data", key).items()}


@pytest.fixture(scope="module")
def statistics(finished: Path) -> dict[str, Any]:
    return read_json(finished / "persona_token_stats.json")


def test_one_partition_is_registered_per_raw_file_in_sorted_order(instance: dg.DagsterInstance) -> None:
    assert instance.get_dynamic_partitions("persona_datasets") == sorted(KEYS)


def test_one_range_run_over_all_keys_succeeds(main_run: dg.ExecuteInProcessResult) -> None:
    assert main_run.success


@pytest.mark.parametrize("stage", STAGES)
def test_exactly_the_keys_are_materialised_partitions_of_every_asset(
    instance: dg.DagsterInstance, stage: str
) -> None:
    assert instance.get_materialized_partitions(dg.AssetKey(stage)) == set(KEYS)
    assert partition_states(instance, stage) == dict.fromkeys(KEYS, "MATERIALIZED")


def test_the_workspace_holds_the_documents_layout_and_nothing_else(
    finished: Path, expected: dict[str, list[dict[str, Any]]]
) -> None:
    folder = "datasets/processed/persona"
    wanted = {f"persona_quarantine/{BROKEN_LINE_KEY}.jsonl"}
    for key in KEYS:
        wanted |= {f"persona_token_stats/{key}.json", f"persona_token_stats/{key}.parquet"}
        wanted |= {f"persona_token_plots/{key}.png", f"persona_manifests/{key}.json"}
        wanted |= {f"persona_signs/{key}.parquet", f"persona_pairs/{key}.parquet"}
    for name in expected.keys() - set(EMPTY):
        wanted |= {f"{folder}/{name}.parquet"} | {f"{folder}/{name}/{file}" for file in FOLDER_FILES}
    assert set(files_below(finished)) == wanted
    assert (finished / "persona_token_stats.json").is_file()


@pytest.mark.parametrize("key", KEYS)
def test_a_dataset_and_its_variants_equal_the_plain_reading_row_by_row(
    finished: Path, expected: dict[str, list[dict[str, Any]]], key: str
) -> None:
    for name, rows in rows_of(expected, key).items():
        if rows:
            loaded = datasets.load_from_disk(dataset_path(finished, name))
            assert list(loaded) == ["train"]
            assert loaded["train"].to_list() == rows
            assert loaded["train"].features == documented_features(key)


@pytest.mark.parametrize("key", KEYS)
def test_a_parquet_file_equals_its_folder(
    finished: Path, expected: dict[str, list[dict[str, Any]]], tmp_path: Path, key: str
) -> None:
    for name, rows in rows_of(expected, key).items():
        if rows:
            file = f"{dataset_path(finished, name)}.parquet"
            loaded = datasets.load_dataset("parquet", data_files=file, cache_dir=str(tmp_path))["train"]
            assert loaded.to_list() == rows
            assert loaded.features == documented_features(key)


def test_parquet_files_of_different_models_load_as_one_dataset(
    finished: Path, expected: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    names = [name for name in expected if "__role__" in name and name not in EMPTY]
    files = [f"{dataset_path(finished, name)}.parquet" for name in names]
    loaded = datasets.load_dataset("parquet", data_files=files, cache_dir=str(tmp_path))["train"]
    assert loaded.to_list() == [row for name in names for row in expected[name]]


def test_pandas_and_pyarrow_read_the_parquet_files(finished: Path, expected: dict[str, list[dict[str, Any]]]) -> None:
    name = "gemma-2-27b__trait__blunt"
    table = pq.read_table(f"{dataset_path(finished, name)}.parquet")
    assert table.to_pylist() == expected[name]
    assert table.schema.field("extract_score").type == pa.int64()
    frame = pd.read_parquet(f"{dataset_path(finished, name)}.parquet")
    scores = [row["extract_score"] for row in expected[name]]
    assert frame["extract_score"].astype("Int64").tolist() == [pd.NA if score is None else score for score in scores]
    assert frame["question"].tolist() == [row["question"] for row in expected[name]]
    assert [list(messages) for messages in frame["messages"]] == [row["messages"] for row in expected[name]]


def test_the_corpus_shows_every_score_status(expected: dict[str, list[dict[str, Any]]]) -> None:
    shown = Counter(row["score_status"] for key in KEYS for row in expected[key])
    assert set(shown) == {"ok", "refusal", "missing", "unparsed", "out_of_range"}


def test_a_row_without_a_score_never_passes_a_minimum(
    finished: Path, expected: dict[str, list[dict[str, Any]]]
) -> None:
    for name in (name for name in expected if "__min" in name and name not in EMPTY):
        minimum = int(name.split("__min")[1].split("__")[0])
        rows = datasets.load_from_disk(dataset_path(finished, name))["train"]
        assert all(row["score_status"] == "ok" and row["extract_score"] >= minimum for row in rows)


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_variant_is_reported_with_0_rows_and_not_written(
    instance: dg.DagsterInstance, finished: Path, statistics: dict[str, Any], name: str
) -> None:
    key = name.removesuffix("__min3")
    records = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey("filtered_variants"), asset_partitions=[key]), limit=1
    ).records
    materialisation = records[0].asset_materialization
    assert materialisation is not None
    assert materialisation.metadata["rows_min3"].value == 0
    assert statistics["datasets"][key]["variants"][name]["total_conversations"] == 0
    assert not Path(dataset_path(finished, name)).exists()
    assert not Path(f"{dataset_path(finished, name)}.parquet").exists()


def test_a_line_that_is_no_row_is_quarantined_with_its_number_and_reason(finished: Path) -> None:
    text = (finished / "persona_quarantine" / f"{BROKEN_LINE_KEY}.jsonl").read_text(encoding="utf-8")
    entries = [json.loads(line) for line in text.splitlines()]
    assert [(entry["line"], entry["reason"], entry["excerpt"]) for entry in entries] == [
        (4, "invalid_json", BROKEN_LINE)
    ]


@pytest.mark.parametrize("key", KEYS)
def test_the_manifest_accounts_for_every_line_of_the_raw_file(finished: Path, key: str) -> None:
    manifest = read_json(finished / "persona_manifests" / f"{key}.json")
    ledger = manifest["raw_conversations"]["ledger"]
    raw_file = Path(manifest["raw_conversations"]["sources"]["responses"]["path"])
    assert ledger["lines"] == raw_file.read_bytes().count(b"\n")
    assert ledger["kept"] == len(plain_rows(finished / "persona-data", key)) == manifest["scored_dataset"]["rows"]
    assert ledger["lines"] == ledger["kept"] + sum(ledger["quarantined"].values())


def test_the_statistics_file_has_the_documents_shape(finished: Path, statistics: dict[str, Any]) -> None:
    assert statistics["metadata"].keys() >= {"total_datasets", "timestamp", "git_sha"}
    assert statistics["metadata"]["total_datasets"] == len(KEYS)
    assert list(statistics["datasets"]) == sorted(KEYS)
    for key, entry in statistics["datasets"].items():
        plot = finished / "persona_token_plots" / f"{key}.png"
        documented = {name: entry[name] for name in ("model", "type", "name", "plot")}
        assert documented == dict(zip(documented, (*key.split("__"), str(plot)), strict=True))


def test_the_sums_of_the_statistics_add_up(
    finished: Path, statistics: dict[str, Any], expected: dict[str, list[dict[str, Any]]]
) -> None:
    for key, entry in statistics["datasets"].items():
        counts = pq.read_table(finished / "persona_token_stats" / f"{key}.parquet").to_pylist()
        assert [row["tokens"] for row in counts] == [row["prompt_tokens"] + row["assistant_tokens"] for row in counts]
        assert entry["total_tokens"] == sum(row["tokens"] for row in counts) > 0
        summaries = {key: entry} | entry["variants"]
        assert set(summaries) == set(rows_of(expected, key))
        for name, summary in summaries.items():
            assert_adds_up(summary, expected[name])


@pytest.mark.parametrize("key", KEYS)
def test_token_counts_name_the_rows_of_the_dataset_in_its_order(
    finished: Path, expected: dict[str, list[dict[str, Any]]], key: str
) -> None:
    named = ("label", "prompt_index", "question_index", "extract_score", "score_status")
    counts = pq.read_table(finished / "persona_token_stats" / f"{key}.parquet", columns=list(named))
    assert counts.to_pylist() == [{name: row[name] for name in named} for row in expected[key]]


@pytest.mark.parametrize("key", KEYS)
def test_the_histogram_is_a_whole_png_of_the_stated_size(finished: Path, key: str) -> None:
    with Image.open(finished / "persona_token_plots" / f"{key}.png") as image:
        image.load()
        assert (image.format, image.size) == ("PNG", PLOT_SIZE)
        assert len(image.convert("RGB").getcolors(maxcolors=2**24) or []) > 10


def test_a_second_run_writes_the_same_bytes(instance: dg.DagsterInstance, finished: Path) -> None:
    before = files_below(finished)
    assert run_range(instance, finished, (KEYS[0], KEYS[1])).success
    assert files_below(finished) == before


def assert_adds_up(summary: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    histogram = summary["score_histogram"]
    scores = Counter("null" if row["extract_score"] is None else str(row["extract_score"]) for row in rows)
    assert {score: of["conversations"] for score, of in histogram.items()} == scores
    assert summary["total_conversations"] == len(rows)
    assert summary["total_tokens"] == sum(of["tokens"] for of in histogram.values())


def documented_features(key: str) -> datasets.Features:
    text, number = datasets.Value("string"), datasets.Value("int64")
    return datasets.Features(
        {
            "model": text,
            key.split("__")[1]: text,
            "system_prompt": text,
            "question": text,
            "messages": datasets.List({"role": text, "content": text}),
            "prompt_index": number,
            "question_index": number,
            "label": text,
            "extract_score": number,
            "score_status": text,
        }
    )


def rows_of(expected: dict[str, list[dict[str, Any]]], key: str) -> dict[str, list[dict[str, Any]]]:
    return {name: rows for name, rows in expected.items() if name == key or name.startswith(f"{key}__")}


def dataset_path(workspace: Path, name: str) -> str:
    return str(workspace / "datasets" / "processed" / "persona" / name)


def read_json(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record
