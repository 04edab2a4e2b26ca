"""Reading the token counts of a key for later stages."""

from collections.abc import Sequence

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import Product, StageContext
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.stages.token_stats.spec import COUNTS, NAME, TOKEN_STATS
from persona_assets.store.parquet import read_parquet


def read_counts(context: StageContext[DatasetKey], columns: Sequence[str] | None = None) -> pa.Table:
    """The tokens of every row of the present dataset, or some columns of them.

    Raises:
        MissingInputError: they were not counted.
        InconsistentOutputError: they are of an earlier version of the dataset, or damaged.
    """
    require_of_this_dataset(context, TOKEN_STATS)
    path = COUNTS.path(context.workspace.root, context.key)
    if not path.exists():
        raise context.producer(TOKEN_STATS).missing(f"{path} is not there", path)
    return read_parquet(path, context.producer(TOKEN_STATS), columns)


TOKEN_COUNTS = Product(NAME, read_counts)
"""The tokens of every row of the present dataset, with the columns of ``COUNTS_SCHEMA``."""
