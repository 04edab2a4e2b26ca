"""Reading what an export is made from: the index of a key's pairs and the datasets that it names."""

from contextlib import nullcontext
from dataclasses import dataclass

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.pairs.index import INDEX_SCHEMA, SIDES
from persona_assets.settings import Settings
from persona_assets.stage.context import StageContext
from persona_assets.stage.manifest import Manifest
from persona_assets.stages.contrast_pairs.reading import PAIR_INDEX
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.stages.registry import list_stages
from persona_assets.stages.scored_dataset.reading import DATASET
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.store.locks import locked_to_read
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class Source:
    """What there is of one key, read at one time."""

    datasets: dict[str, pa.Table]
    """By name: that of the key, and those that its pairs are with."""
    versions: dict[str, str]
    """The fingerprint of each."""
    index: pa.Table
    """Of ``INDEX_SCHEMA``; empty if it was not asked for."""
    index_version: str | None = None
    unmatched: int = 0
    other_question: int = 0


def read_source(settings: Settings, key: DatasetKey, *, with_pairs: bool, locked: bool = True) -> Source:
    """Read the dataset of ``key`` and, if asked for, its pairs with every dataset that they name.

    Args:
        locked: hold the lock of the key meanwhile. Without it, not even a lock file is written.

    Raises:
        MissingInputError: a dataset or the index was not made.
        InconsistentOutputError: one is damaged, or the index was made from earlier datasets.
    """
    workspace, stages = Workspace.of(settings), list_stages()
    with locked_to_read(workspace.ownership(key).lock) if locked else nullcontext():
        context = StageContext(key, settings, stages, Manifest.read(workspace.manifest(key), key, stages))
        if not with_pairs:
            return Source({str(key): DATASET.load(context)}, _find_versions(context), INDEX_SCHEMA.empty_table())
        index, record = PAIR_INDEX.load(context), context.manifest.get(CONTRAST_PAIRS)
        if not index.schema.equals(INDEX_SCHEMA):
            raise context.producer(CONTRAST_PAIRS).inconsistent(f"the index of {key} has other columns")
        names = {name for side in SIDES for name in index[f"{side}_dataset"].unique().to_pylist()} | {str(key)}
        contexts = [context if name == str(key) else context.at(DatasetKey.parse(name)) for name in sorted(names)]
        return Source(
            {str(one.key): DATASET.load(one) for one in contexts},
            {name: version for one in contexts for name, version in _find_versions(one).items()},
            index.replace_schema_metadata(None),
            context.manifest.data_version(CONTRAST_PAIRS),
            record.unmatched,
            record.other_question,
        )


def _find_versions(context: StageContext[DatasetKey]) -> dict[str, str]:
    return {str(context.key): context.manifest.get(SCORED_DATASET).dataset_fingerprint}
