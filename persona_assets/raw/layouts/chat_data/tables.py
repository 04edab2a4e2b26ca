"""Parquet tables of chat data, row by row in bounded memory, each row as the JSON object it would be in a line."""

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from persona_assets.errors import RawDataError
from persona_assets.raw.rows import Reason, Rejection

ROWS_AT_ONCE = 64
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
Told = Mapping[str, Any]
"""The values of a row by column; a null is left out."""


def rows_of_table(
    source: BinaryIO | pa.NativeFile, path: Path, wanted: Collection[str]
) -> Iterator[Told | Rejection]:
    """Yield what each row says in the columns ``wanted``, as far as the table has them.

    Raises:
        RawDataError: it is not a table, or damaged.
    """
    with _naming(path):
        table = pq.ParquetFile(source)
        columns = [name for name in table.schema_arrow.names if name in wanted]
        if len(set(columns)) < len(columns):
            raise pa.ArrowInvalid(f"two columns have one name, among {', '.join(columns)}")
    batches = table.iter_batches(ROWS_AT_ONCE, columns=columns, use_threads=False)
    while (batch := _next_batch(batches, path)) is not None:
        yield from _rows_of(batch)


def columns_of_table(source: BinaryIO | pa.NativeFile, path: Path) -> list[str]:
    """The names of its columns.

    Raises:
        RawDataError: it is not a table.
    """
    with _naming(path):
        names: list[str] = pq.ParquetFile(source).schema_arrow.names
    return names


def as_line(told: Told) -> bytes | Rejection:
    """The row as a line of JSON, which the rules for lines are about."""
    try:
        return json.dumps(told, ensure_ascii=False).encode()
    except (TypeError, ValueError) as error:
        return Rejection(Reason.WRONG_TYPE, f"the row is more than JSON can say: {error}")


def number_in(value: object) -> object:
    """The number that a text is: a column that has to hold REFUSAL holds its numbers as text."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    return float(value) if "." in value else int(value)


def _next_batch(batches: Iterator[pa.RecordBatch], path: Path) -> pa.RecordBatch | None:
    with _naming(path):
        return next(batches, None)


def _rows_of(batch: pa.RecordBatch) -> Iterator[Told | Rejection]:
    if not batch.num_columns:
        yield from ({} for _ in range(batch.num_rows))
        return
    try:
        yield from map(_without_nulls, batch.to_pylist())
    except (ValueError, OverflowError, pa.ArrowException):  # of one row of them, before any is yielded
        for place in range(batch.num_rows):
            yield _row_alone(batch.slice(place, 1))


def _row_alone(row: pa.RecordBatch) -> Told | Rejection:
    try:
        [told] = row.to_pylist()
    except UnicodeDecodeError as error:
        return Rejection(Reason.INVALID_UTF8, f"byte {error.start} of a text: {error.reason}")
    except (ValueError, OverflowError, pa.ArrowException) as error:
        return Rejection(Reason.WRONG_TYPE, f"a value cannot be read: {error}"[:200])
    return _without_nulls(told)


def _without_nulls(told: Told) -> Told:
    """A table has every column in every row, and every field in every turn; null is how it leaves one out."""
    return {name: _plain(value) for name, value in told.items() if not _is_null(value)}


def _plain(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [
        {name: inner for name, inner in item.items() if inner is not None} if isinstance(item, dict) else item
        for item in value
    ]


def _is_null(value: Any) -> bool:
    """pandas writes a missing number as NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RawDataError(f"{path} cannot be read as Parquet: {str(error)[:200]}; write it again").about(
            path=path
        ) from error
