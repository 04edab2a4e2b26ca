"""Counting the tokens of every conversation, once, and deriving all statistics from those counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from msgspec.structs import asdict

from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.stage.context import StageContext
from persona_assets.stage.freshness import is_intact
from persona_assets.stage.outcomes import Made
from persona_assets.stages.filtered_variants.rule import find_passing
from persona_assets.stages.filtered_variants.spec import FILTERED_VARIANTS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.reading import TOKEN_COUNTS
from persona_assets.stages.token_stats.spec import COUNTS, PICTURE, STATISTICS, TOKEN_STATS
from persona_assets.statistics.counts_table import counts_schema
from persona_assets.statistics.key_statistics import KeyStatistics, Summary
from persona_assets.statistics.summaries import summarise
from persona_assets.store.parquet import read_parquet, write_parquet
from persona_assets.store.records import write_record
from persona_assets.store.replacement import Replacement
from persona_assets.tokens.answer_places import Conversation
from persona_assets.tokens.counting import TokenCounts, count_tokens
from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity
from persona_assets.tokens.loading import ModelTokenizer, load_tokenizer
from persona_assets.tokens.measures import UNKNOWN

ROWS_AT_ONCE = 32
MOST_OF_A_REFUSAL = 300
"""Characters: a template may put a whole message into its reason."""


@dataclass(frozen=True)
class CountedRows:
    """A dataset's counts, with the columns of ``COUNTS_SCHEMA``, and how they were made."""

    table: pa.Table
    method: CountingMethod
    refusal: str | None
    """Why the chat template refuses the first row that it refuses."""


@dataclass(frozen=True)
class TokenStatsMade:
    statistics: Path
    counts: Path
    tokenizer: TokenizerIdentity
    method: CountingMethod
    refusal: str | None
    summary: Summary
    """The summary of the whole dataset."""
    variants: Mapping[str, Summary]
    """The summary of each variant, by dataset name."""


def make(
    context: StageContext[DatasetKey],
    replacement: Replacement,
    dataset: pa.Table,
    variant_rows: Mapping[Variant, int],
) -> Made[TokenStatsMade]:
    """Count every conversation, and derive all statistics, also those of variants, from the counts."""
    key, root = context.key, context.workspace.root
    model = load_tokenizer(key.model, context.settings)
    counted = _take_earlier(context, model) or _count(dataset, model)
    summary = _summarise(context, counted.table)
    variants = _summarise_variants(context, counted.table, variant_rows)
    made = TokenStatsMade(
        STATISTICS.path(root, key),
        COUNTS.path(root, key),
        model.identity,
        counted.method,
        counted.refusal,
        summary,
        variants,
    )
    write_parquet(replacement.file(made.counts), counted.table)
    write_record(replacement.file(made.statistics), _describe(context, made))
    return Made(
        made,
        findings={
            "rows": counted.table.num_rows,
            "refused_by_template": summary.refused_by_template,
            "refusal": counted.refusal,
            "tokens": summary.all.tokens,
            "counting": counted.method,
        },
        products={TOKEN_COUNTS: counted.table},
    )


def _count(dataset: pa.Table, model: ModelTokenizer) -> CountedRows:
    counts = count_tokens(model, Messages(dataset["messages"]))
    refusal = next(iter(counts.refusals.values()), None)
    return CountedRows(tabulate(dataset, counts), counts.method, refusal and refusal[:MOST_OF_A_REFUSAL])


def _take_earlier(context: StageContext[DatasetKey], model: ModelTokenizer) -> CountedRows | None:
    """The counts on disk, if they are undamaged and were made from this dataset with this tokenizer."""
    record = context.manifest.find(TOKEN_STATS)
    if context.redo or record is None:
        return None
    fingerprint = context.manifest.get(SCORED_DATASET).dataset_fingerprint
    same = record.inputs.dataset_fingerprint == fingerprint and record.inputs.tokenizer == model.identity
    if not same or not is_intact(context.workspace.root, record, context.files):
        return None
    path = COUNTS.path(context.workspace.root, context.key)
    return CountedRows(read_parquet(path, context.producer(TOKEN_STATS)), record.counting, record.refusal)


@dataclass(frozen=True)
class Messages(Sequence[Conversation]):
    """The conversations of a dataset, which become Python objects only when they are asked for."""

    column: pa.ChunkedArray

    def __len__(self) -> int:
        return len(self.column)

    def __getitem__(self, place: Any) -> Any:
        return self.column[place].as_py()

    def __iter__(self) -> Iterator[Conversation]:
        for start in range(0, len(self), ROWS_AT_ONCE):
            yield from self.column.slice(start, ROWS_AT_ONCE).to_pylist()


def tabulate(dataset: pa.Table, counts: TokenCounts) -> pa.Table:
    """Each row's identity and score with its token counts, in the dataset's order."""
    schema = counts_schema(dataset.schema)
    columns = {name: dataset[name] for name in schema.names if name in dataset.column_names}
    counted = {
        "prompt_tokens": counts.prompt,
        "assistant_tokens": counts.assistant,
        "tokens": counts.total,
        "answer_start": counts.answer_start,
        "answer_end": counts.answer_end,
    }
    columns |= {name: pa.array(column, mask=column == UNKNOWN) for name, column in counted.items()}
    return pa.table(columns, schema=schema)


def _summarise(context: StageContext[DatasetKey], counts: pa.Table) -> Summary:
    settings, kind = context.settings, context.key.kind
    return summarise(counts, long_answer_tokens=settings.long_answer_tokens, max_score=kind.max_score)


def _summarise_variants(
    context: StageContext[DatasetKey], counts: pa.Table, variant_rows: Mapping[Variant, int]
) -> dict[str, Summary]:
    summaries: dict[str, Summary] = {}
    for variant, rows in variant_rows.items():
        chosen = counts.filter(find_passing(counts, variant))
        if chosen.num_rows != rows:
            raise context.producer(FILTERED_VARIANTS).inconsistent(
                f"variant {variant} of {context.key} was made with {rows} rows, but {chosen.num_rows} rows of "
                f"{SCORED_DATASET.name} are in it now"
            )
        summaries[str(DatasetName(context.key, variant))] = _summarise(context, chosen)
    return summaries


def _describe(context: StageContext[DatasetKey], made: TokenStatsMade) -> KeyStatistics:
    return KeyStatistics(
        model=context.key.model,
        type=context.key.kind.name,
        name=context.key.persona,
        plot=str(PICTURE.path(context.workspace.root, context.key)),
        dataset_fingerprint=context.manifest.get(SCORED_DATASET).dataset_fingerprint,
        tokenizer=made.tokenizer,
        counting=made.method,
        long_answer_tokens=context.settings.long_answer_tokens,
        refusal=made.refusal,
        **asdict(made.summary),
        variants=dict(made.variants),
    )
