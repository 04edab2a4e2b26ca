"""Reading the token counts of a key for later stages."""

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import Product, StageContext
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.stages.token_stats.spec import COUNTS, NAME, TOKEN_STATS
from persona_assets.store.parquet import read_parquet


def _read(context: StageContext[DatasetKey]) -> pa.Table:
    require_of_this_dataset(context, TOKEN_STATS)
    path = COUNTS.path(context.workspace.root, context.key)
    if not path.exists():
        raise context.producer(TOKEN_STATS).missing(f"{path} is not there", path)
    return read_parquet(path, context.producer(TOKEN_STATS))


TOKEN_COUNTS = Product(NAME, _read)
"""The tokens of every row of the present dataset, with the columns of ``COUNTS_SCHEMA``."""
