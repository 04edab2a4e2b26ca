"""``persona_token_stats.json``, totals of every dataset in the document's shape, and all statistics as one table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from persona_assets.collection.statistics_records import report_damaged, statistics_records
from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetKey
from persona_assets.provenance import git_sha, package_version
from persona_assets.statistics.tidy import TIDY_SCHEMA, tidy_statistics
from persona_assets.store.ownership import owning
from persona_assets.store.parquet import write_parquet
from persona_assets.store.records import write_json
from persona_assets.store.replacement import replacing
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class StatisticsWritten:
    datasets: int
    conversations: int
    tokens: int
    table_rows: int
    without_statistics: tuple[DatasetKey, ...]
    """Keys whose token_stats is missing or of an earlier dataset: they are not in the files."""


def write_statistics(workspace: Workspace, keys: Iterable[DatasetKey]) -> StatisticsWritten:
    """Gather the statistics of ``keys`` from their records into one JSON and one Parquet file.

    Raises:
        InconsistentOutputError: records of keys are damaged; both files are written, without those keys.
    """
    entries: dict[str, Any] = {}
    tables = [TIDY_SCHEMA.empty_table()]
    missing: list[DatasetKey] = []
    damaged: list[InconsistentOutputError] = []
    for key, record in statistics_records(workspace, keys, damaged):
        if record is None:
            missing.append(key)
            continue
        entries[str(key)] = _entry(record)
        tables.append(tidy_statistics([record]))
    table = pa.concat_tables(tables)
    ownership = workspace.corpus_ownership
    with owning(ownership), replacing(ownership.journal) as replacement:
        write_json(replacement.file(workspace.statistics_file), {"metadata": _metadata(entries), "datasets": entries})
        write_parquet(replacement.file(workspace.statistics_table), table)
    report_damaged(damaged)
    return StatisticsWritten(
        datasets=len(entries),
        conversations=sum(entry["total_conversations"] for entry in entries.values()),
        tokens=sum(entry["total_tokens"] for entry in entries.values()),
        table_rows=table.num_rows,
        without_statistics=tuple(missing),
    )


def _metadata(entries: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "total_datasets": len(entries),
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_sha": git_sha(),
        "persona_assets_version": package_version(),
    }


def _entry(record: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: record[name] for name in ("model", "type", "name", "plot", "tokenizer")}
    variants = {name: _totals(summary) for name, summary in record["variants"].items()}
    return {**named, **_totals(record), "variants": variants}


def _totals(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "total_conversations": summary["all"]["conversations"],
        "total_tokens": summary["all"]["tokens"],
        "score_histogram": {
            score: {name: of_score[name] for name in ("conversations", "tokens")}
            for score, of_score in summary["by_score"].items()
        },
    }
