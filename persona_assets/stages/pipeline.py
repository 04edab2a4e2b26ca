"""Running the stages of one key in order, up to the first that fails."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from persona_assets.errors import PersonaAssetsError
from persona_assets.keys import DatasetKey, Variant
from persona_assets.progress import StageFailure
from persona_assets.settings import Settings
from persona_assets.stages.filtered_variants import make_filtered_variants
from persona_assets.stages.histogram import make_histogram
from persona_assets.stages.names import (
    FILTERED_VARIANTS,
    HISTOGRAM,
    PARQUET_EXPORT,
    RAW_CONVERSATIONS,
    SCORED_DATASET,
    STAGE_NAMES,
    TOKEN_STATS,
)
from persona_assets.stages.parquet_export import make_parquet_export
from persona_assets.stages.raw_conversations import make_raw_conversations
from persona_assets.stages.scored_dataset import make_scored_dataset
from persona_assets.stages.token_stats import make_token_stats
from persona_assets.stages.work import KeyWork

MAKERS: Mapping[str, Callable[[KeyWork], Any]] = {
    RAW_CONVERSATIONS: make_raw_conversations,
    SCORED_DATASET: make_scored_dataset,
    FILTERED_VARIANTS: make_filtered_variants,
    PARQUET_EXPORT: make_parquet_export,
    TOKEN_STATS: make_token_stats,
    HISTOGRAM: make_histogram,
}


@dataclass(frozen=True)
class KeyOutcome:
    """What became of one key: results by stage, and the failure that ended it, if one did."""

    key: DatasetKey
    made: Mapping[str, Any]
    failure: StageFailure | None


def materialise_key(
    key: DatasetKey, settings: Settings, *, stages: Sequence[str] = STAGE_NAMES, variants: Sequence[Variant]
) -> KeyOutcome:
    """Run ``stages`` of ``key`` in their order. An error ends this key and is part of the outcome.

    Nothing is raised, so that one bad key never costs the good ones.
    """
    work = KeyWork(key, settings, variants)
    made: dict[str, Any] = {}
    for stage in (name for name in STAGE_NAMES if name in stages):
        try:
            made[stage] = MAKERS[stage](work)
        except PersonaAssetsError as error:
            return KeyOutcome(key, made, StageFailure(stage, str(error), None))
        except Exception as error:  # noqa: BLE001 - reported with its traceback, and fails the key
            message = f"{type(error).__name__}: {error}"
            return KeyOutcome(key, made, StageFailure(stage, message, traceback.format_exc()))
    return KeyOutcome(key, made, None)
