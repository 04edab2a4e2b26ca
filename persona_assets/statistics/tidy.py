"""The statistics of all datasets as one long table: a row per group, ready for pandas, Polars or DuckDB."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from msgspec.structs import asdict

from persona_assets.keys import DatasetName
from persona_assets.statistics.key_statistics import NO_SCORE, PERCENTILES, KeyStatistics, Summary

Row = dict[str, Any]

TIDY_SCHEMA = pa.schema(
    [
        pa.field("model", pa.string(), nullable=False),
        pa.field("type", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("variant", pa.string()),
        pa.field("group", pa.string(), nullable=False),
        pa.field("score", pa.int64()),
        pa.field("label", pa.string()),
        pa.field("prompt_index", pa.int64()),
        pa.field("conversations", pa.int64(), nullable=False),
        pa.field("tokens", pa.int64(), nullable=False),
        pa.field("prompt_tokens", pa.int64(), nullable=False),
        pa.field("assistant_tokens", pa.int64(), nullable=False),
        pa.field("mean", pa.float64()),
        *(pa.field(f"p{point}", pa.float64()) for point in PERCENTILES),
        pa.field("max", pa.int64()),
        pa.field("long_answers", pa.int64(), nullable=False),
        pa.field("long_answers_share", pa.float64()),
    ]
)
"""``variant`` is null for the dataset itself. ``group`` is ``all``, ``score``, ``label`` or ``prompt`` and says
which of the next three columns are filled; a row of group ``score`` without a score holds the unscored rows."""


def tidy_statistics(records: Iterable[KeyStatistics]) -> pa.Table:
    """One row per dataset, variant and group, in the order of ``records``.

    Groups overlap (every conversation is in one of each kind), so sum within one ``group`` and ``variant`` only.
    """
    columns: dict[str, list[Any]] = {name: [] for name in TIDY_SCHEMA.names}
    for record in records:
        for row in _list_rows(record):
            for name, values in columns.items():
                values.append(row[name])
    return pa.table(columns, schema=TIDY_SCHEMA)


def _list_rows(record: KeyStatistics) -> Iterator[Row]:
    dataset = {"model": record.model, "type": record.type, "name": record.name}
    yield from _list_groups(dataset | {"variant": None}, record.summary)
    for name, summary in record.variants.items():
        yield from _list_groups(dataset | {"variant": str(DatasetName.parse(name).variant)}, summary)


def _list_groups(dataset: Row, summary: Summary) -> Iterator[Row]:
    whole = dataset | {"group": "all", "score": None, "label": None, "prompt_index": None}
    yield whole | asdict(summary.all)
    for score, description in summary.by_score.items():
        yield whole | {"group": "score", "score": None if score == NO_SCORE else int(score)} | asdict(description)
    for label, description in summary.by_label.items():
        yield whole | {"group": "label", "label": label} | asdict(description)
    for prompt, description in summary.by_prompt.items():
        label, _, index = prompt.rpartition("_p")
        yield whole | {"group": "prompt", "label": label, "prompt_index": int(index)} | asdict(description)
