"""Which versions of datasets a set was made from, by content: the same wherever the workspace is."""

from typing import Any

from persona_assets.stage.manifest import Manifest
from persona_assets.stage.spec import Stage
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import TOKEN_STATS

_TABLES: tuple[Stage[Any], ...] = (TOKEN_STATS, CONVERSATION_SIGNS, CONTRAST_PAIRS)
_TABLE = ".parquet"


def list_versions(manifest: Manifest) -> dict[str, str]:
    """By asset: the fingerprint of the dataset, and the SHA-256 of each table about its rows that there is."""
    dataset = manifest.find(SCORED_DATASET)
    versions = {SCORED_DATASET.name: dataset.dataset_fingerprint} if dataset else {}
    for stage in _TABLES:
        record = manifest.find(stage)
        for path, content in record.outputs.items() if record else ():
            if path.endswith(_TABLE):
                versions[stage.name] = content.sha256
    return versions
