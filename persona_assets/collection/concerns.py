"""What is wrong with keys: the checks that failed and the assets that could not be made, and how often each."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from persona_assets.keys import DatasetKey
from persona_assets.run.last_outcome import FailureRecord, LastOutcome


class Severity(StrEnum):
    """How bad it is: Dagster's names."""

    ERROR = "ERROR"
    """The outputs must not be used, or are not there."""
    WARN = "WARN"
    """The outputs are sound, but the raw data is not what one would expect."""


@dataclass(frozen=True)
class Concern:
    """Something that is wrong with one key."""

    name: str
    """The check, or the asset that was not made."""
    severity: Severity
    sentence: str
    """What is wrong, in words and numbers."""
    of_asset: bool = False
    """Whether an asset was not made, rather than a check failed."""

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}" if self.sentence else self.name


class KeysOf(msgspec.Struct, frozen=True):
    """How many keys of one model and kind."""

    model: str
    type: str
    keys: int


class ConcernCounts(msgspec.Struct, frozen=True):
    """One check that failed, or one asset that was not made: of how many keys, by model and kind."""

    name: str
    severity: Severity
    of_asset: bool
    keys: int
    by_model: list[KeysOf]
    """Without those that have none."""


def list_concerns(last: LastOutcome) -> list[Concern]:
    """The asset that could not be made; if all were, the checks that failed, those of severity ERROR first."""
    if last.failure:
        return [concern_of(last.failure)]
    return [*list_failed_checks(last, severe=True), *list_failed_checks(last, severe=False)]


def concern_of(failure: FailureRecord) -> Concern:
    return Concern(failure.stage, Severity.ERROR, failure.message, of_asset=True)


def list_failed_checks(last: LastOutcome, *, severe: bool) -> list[Concern]:
    severity = Severity.ERROR if severe else Severity.WARN
    return [Concern(name, severity, sentence) for name, sentence in last.failed_checks(severe=severe).items()]


def count_concerns(concerns: Iterable[tuple[DatasetKey, Iterable[Concern]]]) -> list[ConcernCounts]:
    """The matrix of concern by model and kind: errors first, then the most frequent."""
    found: dict[tuple[str, Severity, bool], Counter[tuple[str, str]]] = defaultdict(Counter)
    for key, of_key in concerns:
        for one in of_key:
            found[one.name, one.severity, one.of_asset][key.model, key.kind_name] += 1
    counts = [
        ConcernCounts(*which, counter.total(), [KeysOf(*group, keys) for group, keys in sorted(counter.items())])
        for which, counter in found.items()
    ]
    return sorted(counts, key=lambda one: (one.severity, not one.of_asset, -one.keys, one.name))
