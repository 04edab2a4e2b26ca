"""The statistics of all datasets as one long table: a row per group, ready for pandas, Polars or DuckDB."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from persona_assets.keys import DatasetName
from persona_assets.statistics.summaries import NO_SCORE, PERCENTILES

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


def tidy_statistics(records: Iterable[Mapping[str, Any]]) -> pa.Table:
    """One row per dataset, variant and group, in the order of ``records``.

    Groups overlap (every conversation is in one of each kind), so sum within one ``group`` and ``variant`` only.
    """
    columns: dict[str, list[Any]] = {name: [] for name in TIDY_SCHEMA.names}
    for record in records:
        for row in _rows(record):
            for name, values in columns.items():
                values.append(row[name])
    return pa.table(columns, schema=TIDY_SCHEMA)


def _rows(record: Mapping[str, Any]) -> Iterator[Row]:
    dataset = {name: record[name] for name in ("model", "type", "name")}
    yield from _summary_rows(dataset | {"variant": None}, record)
    for name, summary in record["variants"].items():
        yield from _summary_rows(dataset | {"variant": str(DatasetName.parse(name).variant)}, summary)


def _summary_rows(dataset: Row, summary: Mapping[str, Any]) -> Iterator[Row]:
    whole = dataset | {"group": "all", "score": None, "label": None, "prompt_index": None}
    yield whole | summary["all"]
    for score, description in summary["by_score"].items():
        yield whole | {"group": "score", "score": None if score == NO_SCORE else int(score)} | description
    for label, description in summary["by_label"].items():
        yield whole | {"group": "label", "label": label} | description
    for prompt, description in summary["by_prompt"].items():
        label, _, index = prompt.rpartition("_p")
        yield whole | {"group": "prompt", "label": label, "prompt_index": int(index)} | description
