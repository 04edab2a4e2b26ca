"""Joining the rows of a key and the judge's scores in one Arrow table."""

from collections.abc import Collection, Iterator, Sequence
from math import floor
from operator import attrgetter
from typing import Any

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.raw.rows import Identity, RawRow
from persona_assets.raw.scores import Score, Scores
from persona_assets.store.dataset_folders import OPTIONAL_COLUMNS, dataset_schema

ROWS_AT_ONCE = 256
"""Rows that are turned into columns at the same time."""


def join_scores(key: DatasetKey, rows: Sequence[RawRow], found: Sequence[Score]) -> pa.Table:
    """The dataset's table, in raw file order. A score that is not on the scale is null, its status says why."""
    schema = dataset_schema(key.kind, tuple(name for name in OPTIONAL_COLUMNS if _is_told(name, rows, found)))
    starts = range(0, len(rows), ROWS_AT_ONCE)
    chunks = (slice(start, start + ROWS_AT_ONCE) for start in starts)
    return pa.concat_tables(_join(key, rows[chunk], found[chunk], schema) for chunk in chunks)


def _join(key: DatasetKey, rows: Sequence[RawRow], found: Sequence[Score], schema: pa.Schema) -> pa.Table:
    columns: dict[str, Any] = {
        "model": _repeat(key.model, len(rows)),
        key.kind.name: _repeat(key.persona, len(rows)),
        "system_prompt": [row.system_prompt for row in rows],
        "question": [row.question for row in rows],
        "messages": _messages(rows),
        "prompt_index": [row.prompt_index for row in rows],
        "question_index": [row.question_index for row in rows],
        "label": [row.label for row in rows],
        "extract_score": [floor(score.value) if type(score.value) is float else score.value for score in found],
        "score_status": [score.status.value for score in found],
    }
    for name in OPTIONAL_COLUMNS.keys() & set(schema.names):
        columns[name] = list(_tell(name, rows, found))
    return pa.table(columns, schema=schema)


_OF_ROW = {name: attrgetter(name) for name in ("sample_index", "finish_reason", "generated_tokens")}
_OF_SCORE = {
    "exact_score": attrgetter("value"),
    "coherence": attrgetter("coherence"),
    "judge_response": attrgetter("verdict"),
}


def _tell(name: str, rows: Sequence[RawRow], found: Sequence[Score]) -> Iterator[Any]:
    """An optional column, value by value."""
    return map(_OF_ROW[name], rows) if name in _OF_ROW else map(_OF_SCORE[name], found)


def _is_told(name: str, rows: Sequence[RawRow], found: Sequence[Score]) -> bool:
    """Whether a column would say more than that there is one sample, a whole score, or nothing."""
    if name == "exact_score":
        return float in set(map(type, _tell(name, rows, found)))
    return not set(_tell(name, rows, found)) <= {0 if name == "sample_index" else None}


def _messages(rows: Sequence[RawRow]) -> pa.Array:
    """Lists of {role, content}, built flat: ten times faster than from Python dicts.

    Contents are passed as bytes, because a Python string that Arrow has read keeps a copy of itself in UTF-8.
    """
    offsets = [0]
    for row in rows:
        offsets.append(offsets[-1] + len(row.conversation))
    roles = pa.array([message.role for row in rows for message in row.conversation], pa.string())
    contents = pa.array([message.content.encode() for row in rows for message in row.conversation], pa.string())
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays([roles, contents], ["role", "content"])
    )


def _repeat(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def find_scores_without_row(scores: Scores, rows: Collection[Identity]) -> tuple[str, ...]:
    """The names of rows that the judge scored but that do not exist."""
    return tuple(str(identity) for identity in sorted(scores.by_row.keys() - set(rows)))
