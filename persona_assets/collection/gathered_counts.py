"""``persona_token_counts.parquet``: the token counts of every row of every dataset, for queries over all of them."""

from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from persona_assets.errors import InconsistentOutputError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.stages.token_stats.spec import COUNTS, TOKEN_STATS
from persona_assets.statistics.counts_table import COUNTS_SCHEMA, SAMPLE_INDEX, counts_schema
from persona_assets.statistics.key_statistics import KeyStatistics
from persona_assets.store.parquet import read_parquet
from persona_assets.workspace import Workspace

_KEY_COLUMNS = ("dataset", "model", "kind", "persona")
GATHERED_SCHEMA = pa.schema(
    [
        *(pa.field(name, pa.string(), nullable=False) for name in _KEY_COLUMNS),
        *counts_schema(pa.schema([SAMPLE_INDEX])),
    ]
)
"""``sample_index`` is 0 for datasets that have one answer to each prompt and question."""


class CountsWriter:
    """Writes the counts of one key after the other, each as a row group, so that one is in memory at a time."""

    def __init__(self, workspace: Workspace, path: Path) -> None:
        self.rows = 0
        self._workspace = workspace
        self._writer = pq.ParquetWriter(path, GATHERED_SCHEMA, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._writer.close()

    def add(self, key: DatasetKey, statistics: KeyStatistics, damaged: list[InconsistentOutputError]) -> bool:
        """Write the counts of ``key``. If they are not those of its statistics, say so in ``damaged`` instead."""
        try:
            table = self._read(key, statistics)
        except InconsistentOutputError as error:
            damaged.append(error)
            return False
        if table.num_rows:
            self._writer.write_table(table, row_group_size=table.num_rows)
        self.rows += table.num_rows
        return True

    def _read(self, key: DatasetKey, statistics: KeyStatistics) -> pa.Table:
        path, producer = COUNTS.path(self._workspace.root, key), Producer(TOKEN_STATS.name, key)
        counts = read_parquet(path, producer)
        rows = statistics.all.conversations + statistics.refused_by_template
        if counts.num_rows != rows or counts.drop_columns(_own_columns(counts)).schema != COUNTS_SCHEMA:
            raise producer.inconsistent(f"{path} is not what {rows} rows were counted to", path)
        return label_counts(key, counts)


def _own_columns(counts: pa.Table) -> list[str]:
    return [SAMPLE_INDEX.name] if SAMPLE_INDEX.name in counts.column_names else []


def label_counts(key: DatasetKey, counts: pa.Table) -> pa.Table:
    """The counts with the key in every row."""
    values = dict(zip(_KEY_COLUMNS, (str(key), key.model, key.kind.name, key.persona), strict=True))
    columns = {name: pa.repeat(value, counts.num_rows) for name, value in values.items()}
    columns[SAMPLE_INDEX.name] = pa.repeat(pa.scalar(0, SAMPLE_INDEX.type), counts.num_rows)
    columns |= {name: counts[name] for name in counts.column_names}
    return pa.table(columns, schema=GATHERED_SCHEMA)
