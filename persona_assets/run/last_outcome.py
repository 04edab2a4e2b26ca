"""How the last work on a key ended, kept beside its manifest for the survey of all keys."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from persona_assets.errors import ALL_ASSETS, MissingInputError, Producer
from persona_assets.raw.stamps import Stamp
from persona_assets.run.outcome import StageFailure
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stage.spec import PartitionKey, Stage
from persona_assets.stages.registry import list_checks
from persona_assets.store.records import read_record, write_record
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace


class FailureRecord(msgspec.Struct, frozen=True):
    """The failure that ended the last work on a key."""

    stage: str
    message: str
    raw_files: list[Stamp | None]
    """The stamps of the raw files it failed on, in the order of the raw layout; None for one that was not there."""


class CheckRecord(msgspec.Struct, frozen=True):
    """The last outcome of a check."""

    stage: str
    data_version: str | None
    """The data version of the stage when it was checked."""
    passed: bool
    facts: dict[str, Any]
    """Plain JSON values, as the check chose them."""
    sentence: str = ""
    """What they say in words; empty in records of a version that did not write it."""


class LastOutcome(msgspec.Struct, frozen=True):
    """The failure that ended the last work on a key, if one did, and the last outcome of every check."""

    failure: FailureRecord | None = None
    checks: dict[str, CheckRecord] = {}
    """By name."""

    def outcomes_of(self, stage: Stage[Any], data_version: str | None) -> list[CheckOutcome]:
        """The last outcome of each check of ``stage``; empty unless all are of this data version and in words."""
        if not self.knows(stage, data_version):
            return []
        found = [(check, self.checks[check.name]) for check in stage.checks]
        return [CheckOutcome(check, record.passed, record.facts, record.sentence) for check, record in found]

    def knows(self, stage: Stage[Any], data_version: str | None) -> bool:
        """Whether there is an outcome of every check of ``stage`` for this data version, in words."""
        found = [self.checks.get(check.name) for check in stage.checks]
        return all(record and record.data_version == data_version and record.sentence for record in found)

    def failed_checks(self, *, severe: bool) -> dict[str, str]:
        """The sentences of the failed checks of one severity, by the check's name."""
        severities = {check.name: check.severe for check in list_checks()}
        return {
            name: record.sentence
            for name, record in self.checks.items()
            if not record.passed and severities.get(name) == severe
        }


def read_last_outcome(workspace: Workspace, key: PartitionKey) -> LastOutcome:
    """Read what was recorded; an empty outcome if no work on the key has ended yet.

    Raises:
        InconsistentOutputError: the record is damaged.
    """
    try:
        return read_record(workspace.last_outcome(key), LastOutcome, Producer(ALL_ASSETS, key))
    except MissingInputError:
        return LastOutcome()


def renew_last_outcome(
    context: StageContext[Any],
    earlier: LastOutcome,
    outcomes: Sequence[CheckOutcome],
    made: Sequence[str],
    failure: StageFailure | None,
) -> None:
    """Record new outcomes over ``earlier`` ones; a failure stays until its stage has been made."""
    versions = {stage.name: context.manifest.data_version(stage) for stage in context.stages}
    checks: Mapping[str, CheckRecord] = earlier.checks | {
        outcome.check.name: CheckRecord(
            outcome.check.stage,
            versions.get(outcome.check.stage),
            outcome.passed,
            dict(outcome.facts),
            outcome.sentence,
        )
        for outcome in outcomes
    }
    failed = earlier.failure
    if failure:
        failed = FailureRecord(failure.stage, failure.message, context.stamp_sources())
    elif failed and failed.stage in made:
        failed = None
    in_order = {check.name: checks[check.name] for check in list_checks() if check.name in checks}
    with new_file(context.workspace.last_outcome(context.key)) as staged:
        write_record(staged, LastOutcome(failed, in_order))
