"""Reading the index of a key's pairs, and the baseline it was made with."""

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.pairs.building import Side
from persona_assets.stage.context import Product, StageContext
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS, NAME, PAIRS
from persona_assets.stages.scored_dataset.reading import DATASET, require_of_this_dataset
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.reading import TOKEN_COUNTS
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.store.parquet import read_parquet


def read_side(context: StageContext[DatasetKey]) -> Side:
    """The dataset of the key and its token counts.

    Raises:
        MissingInputError: one of them was not made.
        InconsistentOutputError: they do not have as many rows.
    """
    return join_side(context, DATASET.load(context), TOKEN_COUNTS.load(context))


def join_side(context: StageContext[DatasetKey], dataset: pa.Table, counts: pa.Table) -> Side:
    """The same from tables that were loaded already.

    Raises:
        InconsistentOutputError: they do not have as many rows.
    """
    if dataset.num_rows != counts.num_rows:
        raise context.producer(TOKEN_STATS).inconsistent(
            f"{context.key} has {dataset.num_rows:,} rows, but token counts of {counts.num_rows:,}"
        )
    return Side(context.key, dataset, counts)


def find_baseline(context: StageContext[DatasetKey]) -> StageContext[DatasetKey] | None:
    """The baseline that the recorded pairs of the key were made with, if they were made with one."""
    record = context.manifest.get(CONTRAST_PAIRS)
    if record.inputs.baseline and record.baseline_made:
        return context.at(DatasetKey.parse(record.inputs.baseline))
    return None


def _read(context: StageContext[DatasetKey]) -> pa.Table:
    _require_of_these_datasets(context)
    path, producer = PAIRS.path(context.workspace.root, context.key), context.producer(CONTRAST_PAIRS)
    if not path.exists():
        raise producer.missing(f"{path} is not there", path)
    return read_parquet(path, producer)


def _require_of_these_datasets(context: StageContext[DatasetKey]) -> None:
    """An index of rows that have moved since would join answers to different questions."""
    require_of_this_dataset(context, CONTRAST_PAIRS)
    there, read = find_baseline(context), context.manifest.get(CONTRAST_PAIRS).partitions_read
    if there is None:
        return
    for stage in (SCORED_DATASET, TOKEN_STATS):
        name = f"{stage.name} of {there.key}"
        if read.get(name) != there.manifest.data_version(stage):
            producer = context.producer(CONTRAST_PAIRS)
            raise producer.inconsistent(f"{producer} was made from an earlier version of {name}")


PAIR_INDEX = Product(NAME, _read)
"""The index of the pairs of a key, with the columns of ``INDEX_SCHEMA``."""
