"""Reading a dataset folder for later stages, and checking that their outputs belong to this dataset."""

from typing import Any, Protocol

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.stage.context import Product, StageContext
from persona_assets.stage.records import StageRecord
from persona_assets.stage.spec import Stage
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER, NAME, SCORED_DATASET
from persona_assets.store.dataset_folders import map_dataset, read_dataset


class OfOneDataset(Protocol):
    """The inputs of a stage that say which version of the dataset it was made from."""

    dataset_fingerprint: str


def require_of_this_dataset(context: StageContext[DatasetKey], stage: Stage[Any]) -> None:
    """Refuse what ``stage`` made from an earlier version of the dataset.

    Raises:
        MissingInputError: the stage or the dataset was not made.
        InconsistentOutputError: it was made from an earlier version.
    """
    record: StageRecord[OfOneDataset] = context.manifest.get(stage)
    if record.inputs.dataset_fingerprint != context.manifest.get(SCORED_DATASET).dataset_fingerprint:
        producer = context.producer(stage)
        raise producer.inconsistent(f"{producer} was made from an earlier version of {NAME}")


def _read(context: StageContext[DatasetKey]) -> pa.Table:
    folder = DATASET_FOLDER.path(context.workspace.root, context.name)
    return read_dataset(folder, context.key.kind, context.producer(SCORED_DATASET))


DATASET = Product(NAME, _read)
"""The dataset in its folder on disk, mapped into memory, so that only what is being read takes memory."""


def map_rows(context: StageContext[DatasetKey]) -> pa.Table:
    """The rows of the dataset without the library that reads its folder: fast, for whoever reads many datasets.

    Raises:
        MissingInputError: the dataset was not made.
        InconsistentOutputError: its rows cannot be read.
    """
    context.manifest.get(SCORED_DATASET)
    return map_dataset(DATASET_FOLDER.path(context.workspace.root, context.name), context.producer(SCORED_DATASET))
