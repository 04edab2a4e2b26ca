"""What each stage's result looks like in the Dagster UI: numbers it plots over time, tables, a picture.

Numbers a user compares between materialisations are top-level entries; a materialisation's metadata
stays under about 32 KB, because every event carries it.
"""

import base64
from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

import dagster as dg
import msgspec
import pyarrow as pa
from msgspec.structs import asdict

from persona_assets.dagster_defs.readable import listed, readable_metadata, table
from persona_assets.raw.ledger import RowLedger
from persona_assets.stages.filtered_variants import FilteredVariantsMade
from persona_assets.stages.histogram import HistogramMade
from persona_assets.stages.parquet_export import ParquetExportMade
from persona_assets.stages.raw_conversations import RawConversationsMade
from persona_assets.stages.scored_dataset import ScoredDatasetMade
from persona_assets.stages.token_stats import TokenStatsMade
from persona_assets.stages.unchanged import Unchanged
from persona_assets.statistics.key_statistics import Threshold

Metadata = Mapping[str, Any]
ROW_COUNT = "dagster/row_count"
COLUMN_SCHEMA = "dagster/column_schema"
_PLOTTED = ("conversations", "tokens", "prompt_tokens", "assistant_tokens", "mean", "p50", "p95", "max")


def metadata_of(made: Any) -> Metadata:
    """The metadata of one stage's result."""
    return readable_metadata(_entries_of(made))


@singledispatch
def _entries_of(made: Any) -> Metadata:
    raise TypeError(f"no metadata is defined for {type(made).__name__}")


@_entries_of.register
def _(made: Unchanged) -> Metadata:
    numbers = {name: value for name, value in made.counts.items() if type(value) is int}
    return {"unchanged": True, **numbers, **({ROW_COUNT: numbers["rows"]} if "rows" in numbers else {})}


@_entries_of.register
def _(made: RawConversationsMade) -> Metadata:
    ledger = made.ledger
    metadata: dict[str, Any] = {
        "source": dg.MetadataValue.path(made.source),
        "source_bytes": made.size_bytes,
        "source_sha256": made.sha256,
        "lines": ledger.lines,
        ROW_COUNT: ledger.kept,
        "quarantined": ledger.quarantined.total(),
        "ledger": dg.MetadataValue.json(_account(ledger)),
    }
    if made.quarantine:
        metadata["quarantine_file"] = dg.MetadataValue.path(made.quarantine)
        metadata["first_quarantined"] = table(
            {"line": entry.line, "reason": entry.reason.value, "detail": entry.detail}
            for entry in ledger.first_quarantined
        )
    return metadata


@_entries_of.register
def _(made: ScoredDatasetMade) -> Metadata:
    return {
        "path": dg.MetadataValue.path(made.folder),
        ROW_COUNT: made.rows,
        COLUMN_SCHEMA: dg.MetadataValue.table_schema(_column_schema(made.schema)),
        "scored_rows": made.statuses["ok"],
        "score_status": dg.MetadataValue.json(dict(sorted(made.statuses.items()))),
        "labels": dg.MetadataValue.json(dict(sorted(made.labels.items()))),
        "score_file": dg.MetadataValue.path(made.scores_source) if made.scores_source else "none: unscored baseline",
        "scores_without_row": len(made.scores_without_row),
        "unreadable_score_keys": len(made.unreadable_score_keys),
        "conflicting_score_keys": len(made.conflicting_score_keys),
        "legacy_score_keys": made.legacy_score_keys,
        "preview": table(made.preview),
    }


@_entries_of.register
def _(made: FilteredVariantsMade) -> Metadata:
    return {
        ROW_COUNT: sum(made.rows.values()),
        **{f"rows_{variant}": rows for variant, rows in made.rows.items()},
        "variants": table(
            {
                "variant": variant,
                "rows": rows,
                "path": str(made.folders[variant])
                if variant in made.folders
                else "empty: no row passes, not written",
            }
            for variant, rows in made.rows.items()
        ),
    }


@_entries_of.register
def _(made: ParquetExportMade) -> Metadata:
    files = made.files.values()
    return {
        ROW_COUNT: sum(file.rows for file in files),
        "bytes": sum(file.size_bytes for file in files),
        "files": table({"path": str(file.path), "rows": file.rows, "bytes": file.size_bytes} for file in files),
    }


@_entries_of.register
def _(made: TokenStatsMade) -> Metadata:
    everything = made.summary.all
    rows = (
        {"all": everything} | made.summary.by_label | {name: variant.all for name, variant in made.variants.items()}
    )
    return {
        "statistics": dg.MetadataValue.path(made.statistics),
        "counts_per_row": dg.MetadataValue.path(made.counts),
        **{
            name: getattr(everything, name)
            for name in ("conversations", "tokens", "prompt_tokens", "assistant_tokens")
        },
        **{name: getattr(everything, name) for name in ("mean", "p50", "p95", "max")},
        "long_answers_share": everything.long_answers_share,
        "tokenizer": dg.MetadataValue.json(msgspec.to_builtins(made.tokenizer)),
        "counted_by": made.method.path,
        "synthetic_tokenizer": made.tokenizer.synthetic,
        "summary": table({"rows": name, **asdict(group)} for name, group in rows.items()),
        "by_score": table(
            {"score": score, **{name: getattr(group, name) for name in ("conversations", "tokens", "p50")}}
            for score, group in made.summary.by_score.items()
        ),
        "thresholds": table(map(asdict, _some_thresholds(made.summary.thresholds))),
    }


@_entries_of.register
def _(made: HistogramMade) -> Metadata:
    encoded = base64.b64encode(made.thumbnail).decode()
    return {
        "path": dg.MetadataValue.path(made.path),
        "bytes": made.size_bytes,
        "conversations": made.conversations,
        "without_score": made.without_score,
        "picture": dg.MetadataValue.md(f"![histogram](data:image/png;base64,{encoded})"),
    }


def _some_thresholds(thresholds: Sequence[Threshold]) -> Sequence[Threshold]:
    """What minimum scores would keep: all of a short scale, every tenth of a long one."""
    return thresholds[:: max(1, len(thresholds) // 10)]


def _account(ledger: RowLedger) -> dict[str, Any]:
    """The ledger's record. The names of extra fields are the raw file's, so they stand in it as values."""
    return dict(msgspec.to_builtins(ledger.record())) | {
        "extra_fields": listed(dict(sorted(ledger.extra_fields.items())), "field", "lines")
    }


def _column_schema(schema: pa.Schema) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(field.name, str(field.type)) for field in schema])
