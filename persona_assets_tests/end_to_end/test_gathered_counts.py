"""``persona_token_counts.parquet`` holds every row of every key, and is replaced with the statistics of all keys."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from persona_assets.collection.gathered_statistics import write_statistics
from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetKey
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import GEMMA, KEYS

COLUMNS = [
    *("dataset", "model", "kind", "persona", "label", "prompt_index", "question_index", "sample_index"),
    *("extract_score", "score_status", "prompt_tokens", "assistant_tokens", "tokens", "answer_start", "answer_end"),
]
KEY = f"{GEMMA}__role__pirate"


class Gathered:
    """A workspace of which all keys are made, and its files about all keys."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.table = folder, folder / "persona_token_counts.parquet"

    def write(self) -> Any:
        return write_statistics(Workspace.of(Settings(workspace=self.folder)), map(DatasetKey.parse, KEYS))

    def counts_file(self, key: str) -> Path:
        return self.folder / "persona_token_stats" / f"{key}.parquet"

    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = pq.read_table(self.table).to_pylist()
        return rows


@pytest.fixture
def gathered(materialised_workspace: Path) -> Gathered:
    return Gathered(materialised_workspace)


def test_every_row_of_every_key_is_in_the_table_with_what_it_belongs_to(gathered: Gathered) -> None:
    written = gathered.write()
    expected = []
    for key in sorted(KEYS):
        model, kind, persona = key.split("__")
        labels = {"dataset": key, "model": model, "kind": kind, "persona": persona, "sample_index": 0}
        expected += [labels | row for row in pq.read_table(gathered.counts_file(key)).to_pylist()]
    assert gathered.rows() == expected
    assert pq.read_schema(gathered.table).names == COLUMNS
    assert written.counted_rows == len(expected)


def test_each_key_is_a_row_group_so_that_one_is_read_at_a_time(gathered: Gathered) -> None:
    gathered.write()
    with pq.ParquetFile(gathered.table) as file:
        groups = [file.read_row_group(place, columns=["dataset"]) for place in range(file.num_row_groups)]
    assert [group["dataset"].unique().to_pylist() for group in groups] == [[key] for key in sorted(KEYS)]


def test_the_index_of_a_sample_is_kept_where_there_is_one(gathered: Gathered) -> None:
    counts = pq.read_table(gathered.counts_file(KEY))
    samples = pa.array(range(counts.num_rows), pa.int64())
    pq.write_table(counts.add_column(3, "sample_index", samples), gathered.counts_file(KEY))
    gathered.write()
    found = [row["sample_index"] for row in gathered.rows() if row["dataset"] == KEY]
    assert found == list(range(counts.num_rows))


def test_a_key_whose_counts_are_damaged_is_left_out_of_all_files_and_named(gathered: Gathered) -> None:
    gathered.counts_file(KEY).write_bytes(b"PAR1 no more")
    with pytest.raises(InconsistentOutputError, match=f"{KEY}.parquet cannot be read"):
        gathered.write()
    assert {row["dataset"] for row in gathered.rows()} == set(KEYS) - {KEY}
    totals = json.loads((gathered.folder / "persona_token_stats.json").read_text(encoding="utf-8"))
    assert set(totals["datasets"]) == set(KEYS) - {KEY}


def test_equal_keys_give_equal_bytes(gathered: Gathered) -> None:
    gathered.write()
    before = gathered.table.read_bytes()
    gathered.write()
    assert gathered.table.read_bytes() == before


def test_statistics_of_the_version_before_are_left_out_until_they_are_made_anew(gathered: Gathered) -> None:
    manifest = gathered.folder / "persona_manifests" / f"{KEY}.json"
    record = json.loads(manifest.read_text(encoding="utf-8"))
    record["token_stats"]["code"]["stage_version"] = "1"
    del record["token_stats"]["refused_by_template"]
    manifest.write_text(json.dumps(record), encoding="utf-8")
    statistics = gathered.folder / "persona_token_stats" / f"{KEY}.json"
    earlier = json.loads(statistics.read_text(encoding="utf-8"))
    for name in ("refused_by_template", "refusal"):
        del earlier[name]
    statistics.write_text(json.dumps(earlier), encoding="utf-8")
    assert gathered.write().without_statistics == (DatasetKey.parse(KEY),)
    assert KEY not in {row["dataset"] for row in gathered.rows()}
