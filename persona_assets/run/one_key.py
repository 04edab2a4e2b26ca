"""Running the stages of one key in order, up to the first that fails."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from persona_assets.checks.outcomes import CheckOutcome
from persona_assets.checks.running import cannot_be_checked, check_stage
from persona_assets.errors import InconsistentOutputError, PersonaAssetsError
from persona_assets.keys import DatasetKey, Variant
from persona_assets.memory import release_recent_memory
from persona_assets.raw.sources import locate
from persona_assets.raw.stamps import Stamp
from persona_assets.run.last_outcome import Standing, read_standing, renew_standing
from persona_assets.run.progress import StageFailure
from persona_assets.run.retrying import with_retries
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
from persona_assets.stages.unchanged import Comparison
from persona_assets.stages.work import KeyWork
from persona_assets.store.ownership import owning
from persona_assets.workspace import Workspace

LARGE_FILE_BYTES = 12 * 2**20
"""Raw files beyond this have memory returned after every stage and check; most have half of it."""

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
    """By stage: its result, or ``Unchanged``."""
    failure: StageFailure | None
    checks: Sequence[CheckOutcome] = ()
    data_versions: Mapping[str, str] = field(default_factory=dict)
    """Of every stage in ``made``; see ``KeyManifest.data_versions``."""


def materialise_key(
    key: DatasetKey,
    settings: Settings,
    *,
    stages: Sequence[str] = STAGE_NAMES,
    variants: Sequence[Variant],
    checked: Sequence[str] = (),
    redo: bool = False,
) -> KeyOutcome:
    """Make ``stages`` of ``key`` in their order, checking each; check those of ``checked`` on what is on disk.

    A stage whose inputs, code and outputs are those of its manifest is left as it is, unless ``redo``.
    An error ends this key and is part of the outcome. Nothing is raised, so that one bad key never costs
    the good ones. After a gating check has failed, later stages are not made. Two runs of one key wait
    for each other.
    """
    workspace = Workspace.of(settings)
    outcome = KeyOutcome(key, {}, None)
    try:
        with owning(workspace.ownership(key)):
            run = _KeyRun(KeyWork(key, settings, variants, redo), read_standing(workspace, key))
            failure = run.go(stages, checked)
            outcome = KeyOutcome(key, run.made, failure, run.outcomes, run.data_versions())
            renew_standing(workspace, key, tuple(run.made), run.outcomes, failure)
    except PersonaAssetsError as error:
        failed = StageFailure((*stages, *checked)[0], str(error), None)
        return replace(outcome, failure=outcome.failure or failed)
    except Exception as error:  # noqa: BLE001 - reported with its traceback, and fails the key
        return replace(outcome, failure=outcome.failure or _unforeseen((*stages, *checked)[0], error))
    return outcome


def _unforeseen(stage: str, error: Exception) -> StageFailure:
    return StageFailure(stage, f"{type(error).__name__}: {error}", traceback.format_exc())


@dataclass
class _KeyRun:
    """The stages of one key, one after the other."""

    work: KeyWork
    standing: Standing
    made: dict[str, Any] = field(default_factory=dict)
    outcomes: list[CheckOutcome] = field(default_factory=list)

    def go(self, stages: Sequence[str], checked: Sequence[str]) -> StageFailure | None:
        comparison = Comparison(self.work)
        for stage in STAGE_NAMES:
            try:
                if stage in stages:
                    self._require_open_gate()
                    self._make(stage, comparison)
                elif stage in checked:
                    self.outcomes += check_stage(self.work, stage)
            except PersonaAssetsError as error:
                if stage in stages:
                    return StageFailure(stage, str(error), None)
                self.outcomes += cannot_be_checked(stage, error)
            except Exception as error:  # noqa: BLE001 - reported with its traceback, and fails the key
                return _unforeseen(stage, error)
        return None

    def data_versions(self) -> dict[str, str]:
        versions = self.work.manifest.data_versions()
        return {stage: versions[stage] for stage in self.made}

    def _make(self, stage: str, comparison: Comparison) -> None:
        unchanged = None if self.work.redo else with_retries(lambda: comparison.unchanged(stage))
        known = self.standing.outcomes_of(stage, unchanged.data_version) if unchanged else []
        self.made[stage] = unchanged or with_retries(lambda: MAKERS[stage](self.work))
        self._give_back()
        self.outcomes += known or check_stage(self.work, stage)
        self._give_back()

    def _give_back(self) -> None:
        """Let the next copy of a large dataset have what the last one took. For a small one that is not worth it."""
        sources = locate(self.work.workspace.raw_root, self.work.key).conversations
        stamps = (Stamp.seen_at(source.path) for source in sources)
        if sum(stamp.size_bytes for stamp in stamps if stamp) > LARGE_FILE_BYTES:
            release_recent_memory()

    def _require_open_gate(self) -> None:
        for outcome in self.outcomes:
            if outcome.closes_the_gate:
                raise InconsistentOutputError(
                    f"held back, because check {outcome.check.name} of {outcome.check.stage} failed: "
                    f"{dict(outcome.facts)}"
                )
