"""The asset checks of every partition: their specs, and their outcomes as Dagster events."""

import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dagster as dg
from dagster import AssetCheckEvaluation as Evaluation
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as Target,
)

from persona_assets.dagster_defs.partitions import partitions_of
from persona_assets.dagster_defs.readable import readable_sentence
from persona_assets.dagster_defs.shown_facts import show_facts
from persona_assets.dagster_runtime.check_plans import restate_failure, withdraw_plans
from persona_assets.run.outcome import StageFailure
from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stage.spec import Check, Partitioning, PartitionKey
from persona_assets.stages.registry import list_checks, list_stages


def build_check_specs(partitioning: Partitioning) -> list[dg.AssetCheckSpec]:
    """The checks of every stage of ``partitioning``."""
    with warnings.catch_warnings():
        # Partitioned check specs are in preview; dagster is pinned in pyproject.toml for as long as they are.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return [
            dg.AssetCheckSpec(
                check.name,
                asset=check.stage,
                description=f"{check.description}\n\n{check.consequence}",
                partitions_def=partitions_of(partitioning),
            )
            for stage in list_stages(partitioning)
            for check in stage.checks
        ]


def check_key(check: Check) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(dg.AssetKey(check.stage), check.name)


@dataclass
class EvaluationLog:
    """Collects the outcomes of a run and turns them into events, many keys at a time.

    An evaluation names the materialisation it judges; looking those up costs one query per asset and
    batch here, where one query per key and check would cost more than the stages.
    """

    context: dg.AssetExecutionContext
    partitioning: Partitioning
    pending: dict[str, list[tuple[PartitionKey, CheckOutcome]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, key: PartitionKey, outcomes: Sequence[CheckOutcome]) -> None:
        wanted = self.context.selected_asset_check_keys
        for outcome in outcomes:
            if check_key(outcome.check) in wanted:
                self.pending[outcome.check.stage].append((key, outcome))

    def add_failure(self, key: PartitionKey, failure: StageFailure) -> None:
        """A stage that failed fails its gating check, so that the reason is on the pages of the key."""
        check = next((one for one in list_checks() if one.stage == failure.stage and one.gates), None)
        if check and not failure.held_back:
            self.add(key, [CheckOutcome(check, passed=False, facts={}, sentence=failure.message)])

    def flush(self) -> Iterator[Evaluation]:
        """Events for everything collected since the last call."""
        for stage, outcomes in self.pending.items():
            targets = self._targets(stage, {str(key) for key, _ in outcomes})
            yield from (_event(key, outcome, targets.get(str(key))) for key, outcome in outcomes)
        self.pending.clear()

    def end(self) -> Iterator[Evaluation]:
        """Take back what was planned and not done, and let the pages of all assets tell of failures."""
        yield from self.flush()
        instance, run_id = self.context.instance, self.context.run.run_id
        withdraw_plans(instance, run_id)
        registered = frozenset(instance.get_dynamic_partitions(self.partitioning.name))
        for check in sorted(self.context.selected_asset_check_keys):
            yield from restate_failure(instance, run_id, check, registered)

    def _targets(self, stage: str, keys: set[str]) -> Mapping[str, Target]:
        """The latest materialisation of each key: this run's, or an earlier one's where only checks run."""
        instance, asset = self.context.instance, dg.AssetKey(stage)
        ids = instance.event_log_storage.get_latest_storage_id_by_partition(
            asset, dg.DagsterEventType.ASSET_MATERIALIZATION, keys
        )
        if not ids:
            return {}
        latest = dg.AssetRecordsFilter(asset, storage_ids=list(ids.values()))
        records = instance.fetch_materializations(latest, limit=len(ids)).records
        return {
            str(record.partition_key): Target(
                run_id=record.run_id, storage_id=record.storage_id, timestamp=record.timestamp
            )
            for record in records
        }


def _event(key: PartitionKey, outcome: CheckOutcome, target: Target | None) -> Evaluation:
    severity = dg.AssetCheckSeverity.ERROR if outcome.check.severe else dg.AssetCheckSeverity.WARN
    return Evaluation(
        asset_key=dg.AssetKey(outcome.check.stage),
        check_name=outcome.check.name,
        passed=outcome.passed,
        severity=severity,
        metadata=show_facts(outcome.facts),
        description=readable_sentence(outcome.sentence),
        partition=str(key),
        target_materialization_data=target,
    )
