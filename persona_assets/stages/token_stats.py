"""token_stats: tokens of every conversation, and the statistics of the dataset and its variants."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from msgspec.structs import asdict

from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetName
from persona_assets.stages.filtered_variants import passes
from persona_assets.stages.freshness import intact
from persona_assets.stages.inputs import counting_inputs
from persona_assets.stages.names import CODE_VERSIONS, FILTERED_VARIANTS, SCORED_DATASET, TOKEN_STATS
from persona_assets.stages.recording import record_stage
from persona_assets.stages.work import KeyWork
from persona_assets.statistics.key_statistics import KeyStatistics, Summary
from persona_assets.statistics.summaries import COUNTS_SCHEMA, summarise
from persona_assets.store.manifests import CODE, DATASET_FINGERPRINT, INPUTS
from persona_assets.store.parquet import read_parquet, write_parquet
from persona_assets.store.records import write_record
from persona_assets.store.replacement import replacing
from persona_assets.tokens.concatenation import Conversation
from persona_assets.tokens.counting import TokenCounts, count_tokens
from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity
from persona_assets.tokens.loading import ModelTokenizer, load_tokenizer

ROWS_AT_ONCE = 32
COUNTING = "counting"
"""The entry that says how the tokens were counted, and what was done to make sure."""


@dataclass(frozen=True)
class CountedRows:
    """A dataset's counts, of ``COUNTS_SCHEMA``, and how they came about."""

    table: pa.Table
    method: CountingMethod


@dataclass(frozen=True)
class TokenStatsMade:
    statistics: Path
    counts: Path
    tokenizer: TokenizerIdentity
    method: CountingMethod
    summary: Summary
    variants: Mapping[str, Summary]
    """The same for each variant, by dataset name."""


def make_token_stats(work: KeyWork) -> TokenStatsMade:
    """Count every conversation once; derive all statistics, the variants' too, from those counts."""
    key, workspace = work.key, work.workspace
    work.forget_variants()
    model = load_tokenizer(key.model, work.settings)
    counted = counted_before(work, model) or _count(work, model)
    tokenizer, counting = msgspec.to_builtins(model.identity), msgspec.to_builtins(counted.method)
    work.token_counts = table = counted.table
    summary, variants = _summarise(work, table), _summarise_variants(work, table)
    statistics = KeyStatistics(
        model=key.model,
        type=key.kind.name,
        name=key.persona,
        plot=str(workspace.plot_file(key)),
        dataset_fingerprint=work.dataset_fingerprint,
        tokenizer=model.identity,
        counting=counted.method,
        long_answer_tokens=work.settings.long_answer_tokens,
        **asdict(summary),
        variants=variants,
    )
    facts = {"rows": table.num_rows, "tokens": summary.all.tokens, COUNTING: counting}
    with replacing(workspace.journal(key)) as replacement:
        write_parquet(replacement.file(workspace.token_counts(key)), table)
        write_record(replacement.file(workspace.key_statistics(key)), statistics)
        inputs = counting_inputs(work.manifest.sections(), work.settings, tokenizer)
        record_stage(work, TOKEN_STATS, replacement, inputs, facts)
    return TokenStatsMade(
        workspace.key_statistics(key), workspace.token_counts(key), model.identity, counted.method, summary, variants
    )


def _count(work: KeyWork, model: ModelTokenizer) -> CountedRows:
    counts = count_tokens(model, Messages(work.dataset["messages"]))
    return CountedRows(counts_table(work.dataset, counts), counts.method)


@dataclass(frozen=True)
class Messages(Sequence[Conversation]):
    """The conversations of a dataset, which become Python's objects as they are asked for."""

    column: pa.ChunkedArray

    def __len__(self) -> int:
        return len(self.column)

    def __getitem__(self, place: Any) -> Any:
        return self.column[place].as_py()

    def __iter__(self) -> Iterator[Conversation]:
        for start in range(0, len(self), ROWS_AT_ONCE):
            yield from self.column.slice(start, ROWS_AT_ONCE).to_pylist()


def counted_before(work: KeyWork, model: ModelTokenizer) -> CountedRows | None:
    """The counts on disk, if they are of these conversations and this tokenizer, byte for byte."""
    section = work.manifest.sections().get(TOKEN_STATS)
    if work.redo or section is None or section[CODE]["stage_version"] != CODE_VERSIONS[TOKEN_STATS]:
        return None
    same = {DATASET_FINGERPRINT: work.dataset_fingerprint, "tokenizer": msgspec.to_builtins(model.identity)}
    if not same.items() <= section[INPUTS].items() or not intact(work.workspace.root, section):
        return None
    return CountedRows(
        read_parquet(work.workspace.token_counts(work.key)), msgspec.convert(section[COUNTING], CountingMethod)
    )


def counts_table(dataset: pa.Table, counts: TokenCounts) -> pa.Table:
    """Each row's identity and score with its token counts, in the dataset's order."""
    columns = {name: dataset[name] for name in COUNTS_SCHEMA.names if name in dataset.column_names}
    columns |= {
        "prompt_tokens": counts.prompt,
        "assistant_tokens": counts.assistant,
        "tokens": counts.total,
    }
    return pa.table(columns, schema=COUNTS_SCHEMA)


def _summarise(work: KeyWork, counts: pa.Table) -> Summary:
    return summarise(counts, long_answer_tokens=work.settings.long_answer_tokens, max_score=work.key.kind.max_score)


def _summarise_variants(work: KeyWork, counts: pa.Table) -> dict[str, Summary]:
    summaries: dict[str, Summary] = {}
    for variant, rows in work.variant_rows.items():
        chosen = counts.filter(passes(counts, variant))
        if chosen.num_rows != rows:
            raise InconsistentOutputError(
                f"variant {variant} of {work.key} was made with {rows} rows, but {chosen.num_rows} rows of "
                f"{SCORED_DATASET} are in it now; materialise {FILTERED_VARIANTS} again"
            )
        summaries[str(DatasetName(work.key, variant))] = _summarise(work, chosen)
    return summaries
