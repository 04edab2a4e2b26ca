"""What rows of different tables say of each other: which cell a response answers, and whether both rows agree."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from persona_assets.raw.layouts.rollout_tables.names import (
    BASELINE,
    CATEGORY,
    INSTRUCTION_INDEX,
    QUESTION_INDEX,
    ROLLOUT,
)
from persona_assets.raw.layouts.rollout_tables.parquet_tables import Table, TableRow
from persona_assets.raw.rows import Identity

_COMPARED = (CATEGORY, INSTRUCTION_INDEX, QUESTION_INDEX)
_INDICES = (ROLLOUT, INSTRUCTION_INDEX, QUESTION_INDEX)


class Response(NamedTuple):
    """A response, and the row of the dataset that it is."""

    table: str
    row: TableRow
    identity: Identity | None
    """None if an index or the category cannot be read."""


def responses_of(names: Sequence[str], tables: Mapping[str, Table]) -> Iterator[Response]:
    """Yield every response to the same rollouts. A rollout that several tables answer has as many samples."""
    samples: Counter[int | None] = Counter()
    for name in names:
        for row in tables[name].rows:
            yield Response(name, row, _identity(row, samples[as_index(row.values[ROLLOUT])]))
        samples.update({as_index(row.values[ROLLOUT]) for row in tables[name].rows})


def find_row(table: Table, index: object, what: str) -> TableRow | str:
    """The row to which ``index`` refers, or why there is none."""
    number = as_index(index)
    if number is None:
        return f"{index!r} is no number of a {what}"
    if number >= table.size:
        return f"there is no {what} {number}, only {table.size:,}"
    return table.by_place.get(number, f"{what} {number} is of another role")


def disagreement(one: TableRow, other: TableRow, columns: Sequence[str] = _COMPARED) -> str | None:
    """The first column in which two rows that refer to each other differ."""
    for name in columns:
        here, there = one.values[name], other.values[name]
        if here != there:
            return f"{name} is {str(here)[:40]!r} here, {str(there)[:40]!r} there"
    return None


def unreadable_index(row: TableRow) -> str | None:
    """The first index of a response that is no whole number."""
    for name in _INDICES:
        if as_index(row.values[name]) is None:
            return f"{name} is {str(row.values[name])[:40]!r}"
    return None


def told(value: Any) -> Any:
    """What a row has in a column; None also where pandas wrote NaN for nothing among numbers."""
    return None if isinstance(value, float) and math.isnan(value) else value


def as_index(value: Any) -> int | None:
    """A whole number; pandas writes it with a fraction of zero if others in its column are missing."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and value >= 0 else None


def _identity(row: TableRow, sample: int) -> Identity | None:
    values = row.values
    if unreadable_index(row) or not isinstance(values[CATEGORY], str):
        return None
    label = "default" if values[CATEGORY] == BASELINE else "pos"
    return Identity(label, int(values[INSTRUCTION_INDEX]), int(values[QUESTION_INDEX]), sample)
