"""Reading Parquet tables of one or of many roles: the roles alone, or the rows of one of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from persona_assets.errors import RawDataError
from persona_assets.raw.files import RawFile
from persona_assets.raw.layouts.rollout_tables.names import PERSONA
from persona_assets.regular_files import open_regular

_ROWS_AT_ONCE = 256
_MOST_REMEMBERED = 1024
_FAULTS = (pa.ArrowException, OSError, ValueError, KeyError)
"""What Arrow raises of damaged files."""


@dataclass(frozen=True)
class Roles:
    """What the column of roles of a table holds."""

    names: frozenset[str] = frozenset()
    nameless: int = 0
    """Rows in which it is null."""
    problem: str | None = None
    """Why it cannot be read."""


class TableRow(NamedTuple):
    place: int
    """From 0, as other tables refer to it."""
    values: Mapping[str, Any]

    @property
    def number(self) -> int:
        """From 1, as lines are counted."""
        return self.place + 1


@dataclass(frozen=True)
class Table:
    """The rows of one role, and how many the table has in all."""

    rows: Sequence[TableRow]
    size: int

    @cached_property
    def by_place(self) -> Mapping[int, TableRow]:
        return {row.place: row for row in self.rows}


def roles_of(path: Path) -> Roles:
    """The roles of a table. No other column is read; a file that is the same as before is not read again."""
    try:
        status = path.stat()
    except OSError as error:
        return Roles(problem=f"cannot be looked at: {error.strerror}")
    return _read_roles(path, status.st_size, status.st_mtime_ns)


def read_table(file: RawFile, columns: Sequence[str], role: str, most_bytes: int, *, whole: bool = False) -> Table:
    """Read ``columns`` of the rows of ``role``, or all columns, which together may have ``most_bytes`` of text.

    Raises:
        RawDataError: the file is no Parquet, lacks one of ``columns``, or has more text.
    """
    content = file.read()
    with _naming(file.path):
        table = pq.ParquetFile(pa.BufferReader(content))
        _require(file.path, columns, table.schema_arrow.names)
        size = table.metadata.num_rows
        rows = list(_bounded(_rows(table, role, None if whole else list(columns)), file.path, most_bytes))
    return Table(rows, size)


def _rows(table: "pq.ParquetFile", role: str, columns: list[str] | None) -> Iterator[TableRow]:
    start = 0
    for batch in table.iter_batches(_ROWS_AT_ONCE, columns=columns):
        wanted = pc.fill_null(pc.equal(batch[PERSONA].cast(pa.string()), role), fill_value=False)
        places = pc.indices_nonzero(wanted).to_pylist()
        for place, values in zip(places, batch.take(pa.array(places, pa.int64())).to_pylist(), strict=True):
            yield TableRow(start + place, values)
        start += batch.num_rows


def _bounded(rows: Iterator[TableRow], path: Path, most_bytes: int) -> Iterator[TableRow]:
    held = 0
    for row in rows:
        held += sum(len(value) for value in row.values.values() if isinstance(value, str | bytes))
        if held > most_bytes:
            raise RawDataError(
                f"{path}: its rows of one role have more than {most_bytes:,} characters; raise the setting "
                "PERSONA_MAX_FILE_BYTES"
            ).about(path=path)
        yield row


def _require(path: Path, columns: Sequence[str], names: Sequence[str]) -> None:
    missing = [name for name in columns if name not in names]
    if missing:
        raise RawDataError(f"{path} lacks the columns {', '.join(missing)}; write the table again").about(path=path)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except _FAULTS as error:
        raise RawDataError(f"{path} {_unreadable(error)}; write it again, or remove it").about(path=path) from error


def _unreadable(error: Exception) -> str:
    return f"is no readable Parquet file: {' '.join(str(error).split())[:200]}"


@lru_cache(_MOST_REMEMBERED)
def _read_roles(path: Path, _size: int, _modified_ns: int) -> Roles:
    try:
        with open_regular(path) as file:
            table = pq.ParquetFile(file)
            if PERSONA not in table.schema_arrow.names:
                return Roles(problem=f"has no column {PERSONA}")
            return _gather(batch[PERSONA] for batch in table.iter_batches(2**16, columns=[PERSONA]))
    except _FAULTS as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else None
        return Roles(problem=f"cannot be read: {cause}" if cause else _unreadable(error))


def _gather(columns: Iterator[Any]) -> Roles:
    names: set[str] = set()
    nameless = 0
    for column in columns:
        nameless += column.null_count
        names.update(name for name in pc.unique(column.cast(pa.string())).to_pylist() if name is not None)
    return Roles(frozenset(names), nameless)
