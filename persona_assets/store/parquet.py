"""Parquet files, written and compared one row group at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from persona_assets.errors import Producer
from persona_assets.regular_files import check_regular
from persona_assets.store.tables import copy_to_one_chunk

ROW_GROUP_ROWS = 1200
"""Half of them make a query for single cells faster by two fifths, and every other use slower by a tenth."""


def write_parquet(path: Path, table: pa.Table, compression_level: int = 1) -> None:
    """Write ``table`` to ``path``, zstd-compressed, in row groups small enough to stream.

    Without a page index: a row group has one page of most columns, and no query was faster with it.
    """
    with pq.ParquetWriter(path, table.schema, compression="zstd", compression_level=compression_level) as writer:
        for start in range(0, max(table.num_rows, 1), ROW_GROUP_ROWS):
            writer.write_table(copy_to_one_chunk(table.slice(start, ROW_GROUP_ROWS)), ROW_GROUP_ROWS)


def read_parquet(path: Path, producer: Producer, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a Parquet file that ``producer`` wrote, or only some of its columns.

    Raises:
        InconsistentOutputError: it is damaged, or not a regular file.
    """
    with _open(path, producer) as file:
        return file.read(columns)


def parquet_equals(path: Path, producer: Producer, table: pa.Table) -> bool:
    """Whether a Parquet file has the rows and the schema of ``table``, compared one row group at a time.

    Raises:
        InconsistentOutputError: it is damaged, or not a regular file.
    """
    with _open(path, producer) as file:
        schema = file.schema_arrow
        if not schema.equals(table.schema) or schema.metadata != table.schema.metadata:
            return False
        start = 0
        for number in range(file.num_row_groups):
            group = file.read_row_group(number, use_threads=False)  # each thread would keep memory
            if not group.equals(table.slice(start, group.num_rows)):
                return False
            start += group.num_rows
    return bool(start == table.num_rows)


@contextmanager
def _open(path: Path, producer: Producer) -> Iterator[pq.ParquetFile]:
    try:
        check_regular(path)
        with pq.ParquetFile(path) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise producer.inconsistent(f"{path} cannot be read: {error}", path) from error
