"""What a run over many keys tells Dagster: events for every key, a line now and then, all failures at the end."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster._core.definitions.data_version import DATA_VERSION_IS_USER_PROVIDED_TAG, DATA_VERSION_TAG
from dagster._core.errors import DagsterExecutionInterruptedError

from persona_assets.dagster_defs.asset_checks import EvaluationLog
from persona_assets.dagster_defs.lineage import tag_origin
from persona_assets.dagster_defs.metadata import metadata_of
from persona_assets.dagster_defs.readable import listed, readable_metadata, readable_text
from persona_assets.keys import DatasetKey
from persona_assets.report.serving import address_of_page
from persona_assets.run.last_outcome import read_last_outcome
from persona_assets.run.outcome import KeyOutcome
from persona_assets.run.progress import ProgressListener
from persona_assets.settings import Settings
from persona_assets.stage.displays import read_displays
from persona_assets.stage.outcomes import Unchanged
from persona_assets.stage.shown import Shown
from persona_assets.stage.spec import PartitionKey
from persona_assets.stages.registry import list_stages
from persona_assets.workspace import Workspace

KEYS_PER_FLUSH = 50
SECONDS_PER_LINE = 5.0
"""Every line of the log is an event, which costs as much as a materialisation."""

Event = dg.AssetMaterialization | dg.AssetCheckEvaluation


@dataclass
class RunReport:
    """Counts the outcomes of a run and turns them into events."""

    context: dg.AssetExecutionContext
    settings: Settings
    total: int
    failures: dict[str, str]
    """Key to stage and reason; those of partitions that are no keys are known beforehand."""
    evaluations: EvaluationLog
    done: int = 0
    up_to_date: int = 0
    """Keys of which nothing had to be made."""
    left: dict[PartitionKey, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The stages of each key that were left as they are, and not told of."""
    last_line: float = field(default_factory=time.monotonic)

    def work_through(self, outcomes: Iterable[KeyOutcome], progress: ProgressListener) -> Iterator[Event]:
        """The events of every key as it is done, then those of the end of the run."""
        for outcome in outcomes:
            yield from self.of_key(outcome)
            progress.key_done(outcome.key, outcome.failure)
        yield from self.end() if self.complete else self.cancel()

    def of_key(self, outcome: KeyOutcome) -> Iterator[Event]:
        """The events of one key."""
        key = str(outcome.key)
        left = [stage for stage, made in outcome.made.items() if isinstance(made, Unchanged)]
        for stage, made in outcome.made.items():
            if not isinstance(made, Unchanged):
                yield self._tell(outcome.key, stage, made, outcome.data_versions[stage])
        self.evaluations.add(outcome.key, [one for one in outcome.checks if one.check.stage not in left])
        if left:
            self.left[outcome.key] = left
        if failure := outcome.failure:
            self.evaluations.add_failure(outcome.key, failure)
            self.failures[key] = f"{failure.stage}: {failure.message}"
            told = f"{key} failed at {self.failures[key]}\n{failure.traceback or ''}"
            self.context.log.error(readable_text(told, longest=None))
        self.done += 1
        self.up_to_date += bool(left) and not outcome.failure and len(left) == len(outcome.made)
        self._tell_progress()
        if self.done % KEYS_PER_FLUSH == 0:
            yield from self.evaluations.flush()

    def _tell(self, key: PartitionKey, stage: str, shown: Mapping[str, Shown], version: str) -> Event:
        """A materialisation: the summary, the way to the conversations, the rest."""
        entries = list(metadata_of(shown).items())
        if isinstance(key, DatasetKey):
            page = address_of_page(key, self.settings.report_port)
            entries.insert(1, ("page_in_the_report", dg.MetadataValue.url(page)))
        return dg.AssetMaterialization(stage, partition=str(key), metadata=dict(entries), tags=_tag(stage, version))

    def leave(self, keys: Sequence[PartitionKey], stages: Sequence[str]) -> None:
        """Note keys that need no work, and whose pages stay as they are."""
        self.up_to_date += len(keys)
        self.left |= {key: list(stages) for key in keys}
        if keys:
            self.context.log.info(f"{len(keys)} keys are up to date and left as they are")

    def end(self) -> Iterator[Event]:
        """What is left to be told; then the failure of the run, if a key failed."""
        if self.failures:
            yield from self._tell_of_what_was_left()
        yield from self.evaluations.end()
        if self.failures:
            raise dg.Failure(self._description(), metadata=self._metadata(), allow_retries=False)

    def _tell_of_what_was_left(self) -> Iterator[Event]:
        """Dagster takes a partition that a failed run planned and did not tell of for one that failed."""
        workspace = Workspace.of(self.settings)
        for key, stages in self.left.items():
            displays, last = read_displays(workspace, key), read_last_outcome(workspace, key)
            for stage in (one for one in list_stages() if one.name in stages and one.name in displays):
                display = displays[stage.name]
                yield self._tell(key, stage.name, display.shown, display.data_version)
                self.evaluations.add(key, last.outcomes_of(stage, display.data_version))

    @property
    def complete(self) -> bool:
        """Whether every key has an outcome."""
        return self.done == self.total

    def cancel(self) -> Iterator[Event]:
        """What is left to be told of a run that was stopped; then its end as cancelled, not as failed."""
        yield from self._tell_of_what_was_left()
        yield from self.evaluations.end()
        self.context.instance.report_run_canceling(self.context.run)
        raise DagsterExecutionInterruptedError(f"stopped: {self.total - self.done} of {self.total} keys are left")

    def _tell_progress(self) -> None:
        now = time.monotonic()
        if self.done == self.total or now - self.last_line >= SECONDS_PER_LINE:
            self.last_line = now
            self.context.log.info(
                f"{self.done} of {self.total} keys done, {len(self.failures)} failed, {self.up_to_date} up to date"
            )

    def _description(self) -> str:
        lines = [readable_text(f"{key}: {reason}") for key, reason in sorted(self.failures.items())[:20]]
        more = [f"... and {len(self.failures) - 20} more, see the run log"] if len(self.failures) > 20 else []
        count = len(self.context.partition_keys)
        return "\n".join([f"{len(self.failures)} of {count} keys failed; all others are done.", *lines, *more])

    def _metadata(self) -> dict[str, Any]:
        first = dict(sorted(self.failures.items())[:100])
        return readable_metadata({"failed_keys": len(self.failures), "failures": listed(first, "key", "reason")})


def _tag(stage: str, version: str) -> dict[str, str]:
    """What Dagster tells by whether an asset is in sync."""
    origin = next(tag_origin(one) for one in list_stages() if one.name == stage)
    return {DATA_VERSION_TAG: version, DATA_VERSION_IS_USER_PROVIDED_TAG: "true", **origin}
