"""The statistics that are up to date, of all keys of a workspace."""

from collections.abc import Iterable, Iterator

from persona_assets.errors import InconsistentOutputError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.stages.names import SCORED_DATASET, TOKEN_STATS
from persona_assets.statistics.key_statistics import KeyStatistics
from persona_assets.statistics.records import read_current_statistics
from persona_assets.store.manifests import DATASET_FINGERPRINT, KeyManifest
from persona_assets.workspace import Workspace


def read_statistics(
    workspace: Workspace, keys: Iterable[DatasetKey], damaged: list[InconsistentOutputError]
) -> Iterator[tuple[DatasetKey, KeyStatistics | None]]:
    """Each key, sorted, with its statistics if they are of today's dataset; see ``read_current_statistics``."""

    def fingerprint_of(key: DatasetKey) -> str:
        section = KeyManifest(workspace.manifest(key), key, workspace.root).section(SCORED_DATASET)
        return str(section[DATASET_FINGERPRINT])

    def producer_of(key: DatasetKey) -> Producer:
        return Producer(TOKEN_STATS, key)

    return read_current_statistics(workspace.root, keys, producer_of, fingerprint_of, damaged)
