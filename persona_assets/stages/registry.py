"""The list of stages, in the order in which they run, and what can be derived from it."""

from collections.abc import Collection
from typing import Any

from persona_assets.errors import SettingsError
from persona_assets.settings import Settings
from persona_assets.stage.spec import Check, Output, Partitioning, Stage
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS
from persona_assets.stages.filtered_variants.spec import FILTERED_VARIANTS
from persona_assets.stages.histogram.spec import HISTOGRAM
from persona_assets.stages.parquet_export.spec import PARQUET_EXPORT
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.stages.training_sets.spec import TRAINING_SETS

STAGES: tuple[Stage[Any], ...] = (
    RAW_CONVERSATIONS,
    SCORED_DATASET,
    FILTERED_VARIANTS,
    PARQUET_EXPORT,
    TOKEN_STATS,
    HISTOGRAM,
    CONVERSATION_SIGNS,
    CONTRAST_PAIRS,
    TRAINING_SETS,
)


def list_stages(partitioning: Partitioning | None = None) -> tuple[Stage[Any], ...]:
    """All stages, or those of one partitioning, in the order in which they run."""
    return tuple(stage for stage in STAGES if partitioning in (None, stage.partitioning))


def list_partitionings() -> tuple[Partitioning, ...]:
    return tuple(dict.fromkeys(stage.partitioning for stage in STAGES))


def list_last(partitioning: Partitioning) -> tuple[Stage[Any], ...]:
    """The stages that no other stage of ``partitioning`` follows from. Once they are made, a key is done."""
    stages = list_stages(partitioning)
    followed = {above.name for stage in stages for above in stage.own_needs}
    return tuple(stage for stage in stages if stage.name not in followed)


def list_outputs(partitioning: Partitioning) -> tuple[Output, ...]:
    """Every kind of file or folder that a key of ``partitioning`` may have, each once."""
    return tuple(dict.fromkeys(output for stage in list_stages(partitioning) for output in stage.outputs))


def list_checks(partitioning: Partitioning | None = None) -> tuple[Check, ...]:
    """All checks, or those of the stages of one partitioning."""
    return tuple(check for stage in list_stages(partitioning) for check in stage.checks)


def list_switched_on(settings: Settings, partitioning: Partitioning) -> tuple[Stage[Any], ...]:
    """The stages of ``partitioning`` that the settings do not switch off.

    Raises:
        SettingsError: one that is switched off is not an optional stage, or another stage needs it.
    """
    _check_switches(settings.stages_off)
    return tuple(stage for stage in list_stages(partitioning) if stage.name not in settings.stages_off)


def _check_switches(off: Collection[str]) -> None:
    optional = [stage.name for stage in STAGES if stage.optional]
    for name in off:
        if name not in optional:
            known = ", ".join(optional) or "there are none"
            raise SettingsError(f"PERSONA_STAGES_OFF: {name!r} is not an optional stage ({known}); leave it out")
    for stage in STAGES:
        needed = [need.stage.name for need in stage.needs if need.stage.name in off and not need.dispensable]
        if needed and stage.name not in off:
            raise SettingsError(
                f"PERSONA_STAGES_OFF: {stage.name} needs {needed[0]}; switch both off, or leave {needed[0]} out"
            )
