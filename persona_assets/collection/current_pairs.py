"""Reading the pairs of every key, one at a time: those that were made from the datasets as they are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.pairs.index import INDEX_SCHEMA
from persona_assets.pairs.readiness import Coverage
from persona_assets.settings import Settings
from persona_assets.stage.context import StageContext
from persona_assets.stage.manifest import Manifest
from persona_assets.stages.contrast_pairs.reading import PAIR_INDEX
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.stages.registry import list_stages
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class KeyPairs:
    """The pairs of one key."""

    key: DatasetKey
    index: pa.Table
    """Of ``INDEX_SCHEMA``."""
    coverage: Coverage

    @property
    def is_baseline(self) -> bool:
        """Whether it has no rows with a persona, so that there is nothing to pair."""
        return not self.coverage.pairs and not self.coverage.unmatched


def read_current_pairs(
    settings: Settings, keys: Iterable[DatasetKey], left_out: dict[str, str]
) -> Iterator[KeyPairs]:
    """Yield the pairs of the keys, sorted. Keys without current pairs go to ``left_out``, each with the reason."""
    for key in sorted(keys):
        try:
            yield _read(settings, key)
        except (MissingInputError, InconsistentOutputError) as error:
            left_out[str(key)] = str(error)


def _read(settings: Settings, key: DatasetKey) -> KeyPairs:
    stages = list_stages()
    manifest = Manifest.read(Workspace.of(settings).manifest(key), key, stages)
    context = StageContext(key, settings, stages, manifest)
    index, record = PAIR_INDEX.load(context), manifest.get(CONTRAST_PAIRS)
    if not index.schema.equals(INDEX_SCHEMA):
        raise context.producer(CONTRAST_PAIRS).inconsistent(f"the index of {key} has other columns")
    unmatched = record.unmatched + record.other_question
    return KeyPairs(
        key, index.replace_schema_metadata(None), Coverage(record.pairs, unmatched, record.inputs.baseline)
    )
