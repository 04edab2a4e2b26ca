"""Reading the token counts of a key for the stages that follow."""

from pathlib import Path

import pyarrow as pa

from persona_assets.errors import InvalidNameError, Producer
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.stage.context import Product, StageContext
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.stages.token_stats.spec import COUNTS, NAME, STATISTICS, TOKEN_STATS
from persona_assets.statistics.key_statistics import KeyStatistics
from persona_assets.store.parquet import read_parquet
from persona_assets.store.records import damaged, read_record


def _read(context: StageContext[DatasetKey]) -> pa.Table:
    require_of_this_dataset(context, TOKEN_STATS)
    path = COUNTS.path(context.workspace.root, context.key)
    if not path.exists():
        raise context.producer(TOKEN_STATS).missing(f"{path} is not there", path)
    return read_parquet(path)


TOKEN_COUNTS = Product(NAME, _read)
"""The tokens of every row of today's dataset, of ``COUNTS_SCHEMA``."""


def read_statistics(root: Path, key: DatasetKey) -> KeyStatistics:
    """Read the statistics of a dataset and its variants from the workspace at ``root``.

    Raises:
        MissingInputError: they are not there.
        InconsistentOutputError: they are damaged; the message says where.
    """
    path, producer = STATISTICS.path(root, key), Producer(NAME, key)
    statistics = read_record(path, KeyStatistics, producer)
    for name in statistics.variants:
        if not _is_variant_of(key, name):
            raise damaged(path, f"{name[:200]!r} is no variant of {key} - at `$.variants`", producer)
    return statistics


def _is_variant_of(key: DatasetKey, name: str) -> bool:
    try:
        parsed = DatasetName.parse(name)
    except InvalidNameError:
        return False
    return parsed.key == key and parsed.variant is not None
