"""Checking the stages of a key on what is on disk."""

from collections.abc import Callable, Mapping

from persona_assets.checks.later_stages import check_filtered_variants, check_parquet_export
from persona_assets.checks.names import CHECKS
from persona_assets.checks.outcomes import CheckOutcome
from persona_assets.checks.raw_conversations import check_raw_conversations
from persona_assets.checks.scored_dataset import check_scored_dataset
from persona_assets.checks.statistics import check_histogram, check_token_stats
from persona_assets.errors import MissingInputError, PersonaAssetsError
from persona_assets.stages.names import (
    FILTERED_VARIANTS,
    HISTOGRAM,
    PARQUET_EXPORT,
    RAW_CONVERSATIONS,
    SCORED_DATASET,
    TOKEN_STATS,
)
from persona_assets.stages.work import KeyWork

CHECKERS: Mapping[str, Callable[[KeyWork], list[CheckOutcome]]] = {
    RAW_CONVERSATIONS: check_raw_conversations,
    SCORED_DATASET: check_scored_dataset,
    FILTERED_VARIANTS: check_filtered_variants,
    PARQUET_EXPORT: check_parquet_export,
    TOKEN_STATS: check_token_stats,
    HISTOGRAM: check_histogram,
}


def check_stage(work: KeyWork, stage: str) -> list[CheckOutcome]:
    """Evaluate every check of ``stage`` for the key of ``work``."""
    return CHECKERS[stage](work)


def cannot_be_checked(stage: str, error: PersonaAssetsError) -> list[CheckOutcome]:
    """The outcome of checks whose input cannot be read: none where the stage was never made, else failed."""
    if isinstance(error, MissingInputError):
        return []
    return [
        CheckOutcome(check, passed=False, facts={"error": str(error)}) for check in CHECKS if check.stage == stage
    ]
