"""``persona_token_stats.json``, totals of every dataset in the document's shape, and all statistics as one table.

The token counts of all rows are gathered at the same time, from the same keys.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import pyarrow as pa
from msgspec.structs import asdict

from persona_assets.collection.current_statistics import read_current_statistics, report_damaged
from persona_assets.collection.gathered_counts import CountsWriter
from persona_assets.errors import InconsistentOutputError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.statistics.key_statistics import KeyStatistics, Summary
from persona_assets.statistics.tidy import TIDY_SCHEMA, tidy_statistics
from persona_assets.store.file_provenance import Provenance
from persona_assets.store.ownership import owning
from persona_assets.store.parquet import write_parquet
from persona_assets.store.records import read_record, write_record
from persona_assets.store.replacement import replacing
from persona_assets.tokens.identity import TokenizerIdentity
from persona_assets.workspace import Workspace

PRODUCER = Producer("persona_token_stats", "all keys")


class ScoreTotals(msgspec.Struct, frozen=True):
    """The conversations that have one score."""

    conversations: int
    tokens: int


class Totals(msgspec.Struct, frozen=True):
    """A dataset or a variant in numbers."""

    total_conversations: int
    total_tokens: int
    score_histogram: dict[str, ScoreTotals]


class DatasetEntry(msgspec.Struct, frozen=True):
    """A dataset, with its ``Totals`` between the other fields, and its variants."""

    model: str
    type: str
    name: str
    plot: str
    tokenizer: TokenizerIdentity
    total_conversations: int
    total_tokens: int
    score_histogram: dict[str, ScoreTotals]
    variants: dict[str, Totals]
    """By dataset name."""


class GatheredMetadata(msgspec.Struct, frozen=True):
    """How many datasets there are, and the ``Provenance`` of the file."""

    total_datasets: int
    timestamp: str
    git_sha: str | None
    persona_assets_version: str


class GatheredStatistics(msgspec.Struct, frozen=True):
    """``persona_token_stats.json``."""

    metadata: GatheredMetadata
    datasets: dict[str, DatasetEntry]
    """By key."""


@dataclass(frozen=True)
class StatisticsWritten:
    datasets: int
    conversations: int
    tokens: int
    table_rows: int
    counted_rows: int
    without_statistics: tuple[DatasetKey, ...]
    """Keys whose token_stats is missing or of an earlier dataset: they are not in the files."""


def write_statistics(workspace: Workspace, keys: Iterable[DatasetKey]) -> StatisticsWritten:
    """Gather the statistics of ``keys`` into one JSON and one Parquet file, and their counts into another.

    Raises:
        InconsistentOutputError: records of keys are damaged; all files are written, without those keys.
    """
    entries: dict[str, DatasetEntry] = {}
    tables = [TIDY_SCHEMA.empty_table()]
    missing: list[DatasetKey] = []
    damaged: list[InconsistentOutputError] = []
    ownership = workspace.corpus_ownership
    with owning(ownership), replacing(ownership.journal) as replacement:
        with CountsWriter(workspace, replacement.file(workspace.counts_table)) as counts:
            for key, statistics in read_current_statistics(workspace, keys, damaged):
                if statistics is None:
                    missing.append(key)
                elif counts.add(key, statistics, damaged):
                    entries[str(key)] = _enter(statistics)
                    tables.append(tidy_statistics([statistics]))
        table = pa.concat_tables(tables)
        write_record(replacement.file(workspace.statistics_file), _gather(entries))
        write_parquet(replacement.file(workspace.statistics_table), table)
    report_damaged(damaged)
    return StatisticsWritten(
        datasets=len(entries),
        conversations=sum(entry.total_conversations for entry in entries.values()),
        tokens=sum(entry.total_tokens for entry in entries.values()),
        table_rows=table.num_rows,
        counted_rows=counts.rows,
        without_statistics=tuple(missing),
    )


def read_gathered_statistics(workspace: Workspace) -> GatheredStatistics:
    """Read what ``write_statistics`` wrote.

    Raises:
        MissingInputError: it was never written.
        InconsistentOutputError: it is damaged; the message says where.
    """
    return read_record(workspace.statistics_file, GatheredStatistics, PRODUCER)


def _gather(entries: dict[str, DatasetEntry]) -> GatheredStatistics:
    metadata = GatheredMetadata(total_datasets=len(entries), **asdict(Provenance.now()))
    return GatheredStatistics(metadata, entries)


def _enter(statistics: KeyStatistics) -> DatasetEntry:
    return DatasetEntry(
        model=statistics.model,
        type=statistics.type,
        name=statistics.name,
        plot=statistics.plot,
        tokenizer=statistics.tokenizer,
        **asdict(_total(statistics.summary)),
        variants={name: _total(summary) for name, summary in statistics.variants.items()},
    )


def _total(summary: Summary) -> Totals:
    histogram = {score: ScoreTotals(group.conversations, group.tokens) for score, group in summary.by_score.items()}
    return Totals(summary.all.conversations, summary.all.tokens, histogram)
