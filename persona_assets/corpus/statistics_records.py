"""The statistics record of every key, one at a time: all of them together would not be small."""

from collections.abc import Iterable, Iterator
from typing import Any

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.stages.names import SCORED_DATASET, TOKEN_STATS
from persona_assets.store.manifests import DATASET_FINGERPRINT, KeyManifest
from persona_assets.store.records import read_json
from persona_assets.workspace import Workspace

_ENTRIES = ("model", "type", "name", "plot", "tokenizer", "variants", "all", "by_score", DATASET_FINGERPRINT)


def statistics_records(
    workspace: Workspace, keys: Iterable[DatasetKey]
) -> Iterator[tuple[DatasetKey, dict[str, Any] | None]]:
    """Each key, sorted, with what ``token_stats`` wrote of it; None if that is missing or of an earlier dataset.

    Raises:
        InconsistentOutputError: a key's record is damaged.
    """
    for key in sorted(keys):
        try:
            yield key, _record(workspace, key)
        except MissingInputError:
            yield key, None


def _record(workspace: Workspace, key: DatasetKey) -> dict[str, Any] | None:
    path = workspace.key_statistics(key)
    record = read_json(path, f"{TOKEN_STATS} of {key}")
    missing = [name for name in _ENTRIES if name not in record]
    if missing:
        raise InconsistentOutputError(
            f"{path} is no statistics record: it lacks {', '.join(missing)}; "
            f"remove it and materialise {TOKEN_STATS} of {key} again"
        )
    manifest = KeyManifest(workspace.manifest(key), key, workspace.root)
    current = manifest.section(SCORED_DATASET)[DATASET_FINGERPRINT]
    return record if record[DATASET_FINGERPRINT] == current else None
