"""Reading the signs of a key's rows for later stages."""

from collections.abc import Sequence

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import StageContext
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS, SIGNS
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.store.parquet import read_parquet


def read_signs(context: StageContext[DatasetKey], columns: Sequence[str] | None = None) -> pa.Table:
    """The signs of every row of the present dataset, with the columns of ``SIGNS_SCHEMA``, or some of them.

    Raises:
        MissingInputError: none were looked for.
        InconsistentOutputError: they are of an earlier version of the dataset, or damaged.
    """
    require_of_this_dataset(context, CONVERSATION_SIGNS)
    path, producer = SIGNS.path(context.workspace.root, context.key), context.producer(CONVERSATION_SIGNS)
    if not path.exists():
        raise producer.missing(f"{path} is not there", path)
    return read_parquet(path, producer, columns)
