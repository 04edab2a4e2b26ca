"""Running the stages of one key in order, up to the first that fails."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from persona_assets.checks.outcomes import CheckOutcome
from persona_assets.checks.running import cannot_be_checked, check_stage
from persona_assets.errors import InconsistentOutputError, PersonaAssetsError, StorageError
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
from persona_assets.standing import renew_standing
from persona_assets.store.locks import locked
from persona_assets.workspace import Workspace

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
    """What became of one key: results by stage, the checks, and the failure that ended it, if one did."""

    key: DatasetKey
    made: Mapping[str, Any]
    failure: StageFailure | None
    checks: Sequence[CheckOutcome] = ()


def materialise_key(
    key: DatasetKey,
    settings: Settings,
    *,
    stages: Sequence[str] = STAGE_NAMES,
    variants: Sequence[Variant],
    checked: Sequence[str] = (),
) -> KeyOutcome:
    """Make ``stages`` of ``key`` in their order, checking each; check those of ``checked`` on what is on disk.

    An error ends this key and is part of the outcome. Nothing is raised, so that one bad key never costs
    the good ones. After a gating check has failed, later stages are not made. Two runs of one key wait
    for each other.
    """
    workspace = Workspace.of(settings)
    outcome = KeyOutcome(key, {}, None)
    try:
        with locked(workspace.lock(key)):
            outcome = _make_and_check(key, settings, stages=stages, variants=variants, checked=checked)
            renew_standing(workspace, key, tuple(outcome.made), outcome.checks, outcome.failure)
    except (StorageError, InconsistentOutputError) as error:
        failure = StageFailure((*stages, *checked)[0], str(error), None)
        return replace(outcome, failure=outcome.failure or failure)
    return outcome


def _make_and_check(
    key: DatasetKey,
    settings: Settings,
    *,
    stages: Sequence[str],
    variants: Sequence[Variant],
    checked: Sequence[str],
) -> KeyOutcome:
    work = KeyWork(key, settings, variants)
    made: dict[str, Any] = {}
    outcomes: list[CheckOutcome] = []
    for stage in STAGE_NAMES:
        try:
            if stage in stages:
                _require_open_gate(outcomes)
                made[stage] = MAKERS[stage](work)
            if stage in stages or stage in checked:
                outcomes += check_stage(work, stage)
        except PersonaAssetsError as error:
            if stage in stages:
                return KeyOutcome(key, made, StageFailure(stage, str(error), None), outcomes)
            outcomes += cannot_be_checked(stage, error)
        except Exception as error:  # noqa: BLE001 - reported with its traceback, and fails the key
            message = f"{type(error).__name__}: {error}"
            return KeyOutcome(key, made, StageFailure(stage, message, traceback.format_exc()), outcomes)
    return KeyOutcome(key, made, None, outcomes)


def _require_open_gate(outcomes: Sequence[CheckOutcome]) -> None:
    for outcome in outcomes:
        if outcome.closes_the_gate:
            raise InconsistentOutputError(
                f"held back, because check {outcome.check.name} of {outcome.check.stage} failed: "
                f"{dict(outcome.facts)}"
            )
