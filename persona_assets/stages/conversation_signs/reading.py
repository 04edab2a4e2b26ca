"""Reading the signs of a key's rows for later stages."""

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import Product, StageContext
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS, NAME, SIGNS
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.store.parquet import read_parquet


def _read(context: StageContext[DatasetKey]) -> pa.Table:
    require_of_this_dataset(context, CONVERSATION_SIGNS)
    path, producer = SIGNS.path(context.workspace.root, context.key), context.producer(CONVERSATION_SIGNS)
    if not path.exists():
        raise producer.missing(f"{path} is not there", path)
    return read_parquet(path, producer)


ROW_SIGNS = Product(NAME, _read)
"""The signs of every row of the present dataset, with the columns of ``SIGNS_SCHEMA``."""
