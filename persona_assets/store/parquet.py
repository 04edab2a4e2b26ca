"""Parquet files, read and written whole."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from persona_assets.errors import InconsistentOutputError
from persona_assets.regular_files import check_regular
from persona_assets.store.tables import in_one_chunk

ROW_GROUP_ROWS = 1200


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write ``table`` to ``path``, zstd-compressed, in row groups small enough to stream."""
    pq.write_table(in_one_chunk(table), path, compression="zstd", row_group_size=ROW_GROUP_ROWS)


def read_parquet(path: Path) -> pa.Table:
    """Read a Parquet file.

    Raises:
        InconsistentOutputError: it is damaged, or no regular file.
    """
    try:
        check_regular(path)
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise InconsistentOutputError(f"{path} cannot be read: {error}; materialise its asset again") from error
