"""Reading the index of a key's pairs."""

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import Product, StageContext
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS, NAME, PAIRS
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.store.parquet import read_parquet


def _read(context: StageContext[DatasetKey]) -> pa.Table:
    require_of_this_dataset(context, CONTRAST_PAIRS)
    path, producer = PAIRS.path(context.workspace.root, context.key), context.producer(CONTRAST_PAIRS)
    if not path.exists():
        raise producer.missing(f"{path} is not there", path)
    return read_parquet(path, producer)


PAIR_INDEX = Product(NAME, _read)
"""The index of the pairs of a key, with the columns of ``INDEX_SCHEMA``."""
