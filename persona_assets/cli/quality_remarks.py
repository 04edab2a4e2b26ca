"""Remarks on the quality of finished keys: quarantined lines and failed checks."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetKey
from persona_assets.run.last_outcome import LastOutcome, read_last_outcome
from persona_assets.stages.raw_conversations.spec import NO_QUARANTINED_LINES
from persona_assets.workspace import Workspace

MAX_NAMED = 5


def remark_on_keys(workspace: Workspace, keys: Iterable[DatasetKey]) -> list[str]:
    """One sentence on quarantined lines and one on failed WARN checks, if there are any, from the records."""
    outcomes = [
        (str(key), outcome)
        for key, outcome in _read_outcomes(workspace, keys)
        if not outcome.failure or outcome.failure.stage != NO_QUARANTINED_LINES.stage  # else of an earlier file
    ]
    return [*_remark_on_quarantine(outcomes), *_remark_on_checks(outcomes, severe=False)]


def remark_on_failed_checks(workspace: Workspace, done: Iterable[str]) -> list[str]:
    """One sentence on ERROR checks that failed for finished keys, if there are any."""
    keys = (DatasetKey.parse(key) for key in done)
    return _remark_on_checks([(str(key), outcome) for key, outcome in _read_outcomes(workspace, keys)], severe=True)


def _read_outcomes(workspace: Workspace, keys: Iterable[DatasetKey]) -> Iterator[tuple[DatasetKey, LastOutcome]]:
    for key in keys:
        try:
            yield key, read_last_outcome(workspace, key)
        except InconsistentOutputError:  # the key has already failed for this reason
            continue


def _remark_on_quarantine(outcomes: Iterable[tuple[str, LastOutcome]]) -> list[str]:
    checks = {key: outcome.checks.get(NO_QUARANTINED_LINES.name) for key, outcome in outcomes}
    facts = {key: check.facts for key, check in checks.items() if check}
    counts = {key: found for key, found in facts.items() if found.get("quarantined")}
    if not counts:
        return []
    lost, lines = (sum(found[name] for found in counts.values()) for name in ("quarantined", "lines"))
    worst = sorted(counts, key=lambda key: (-counts[key]["quarantined"], key))
    named = [f"{key} ({_list_reasons(counts[key]['by_reason'])})" for key in worst[:MAX_NAMED]]
    return [f"{lost:,} of {lines:,} lines quarantined in {_count_keys(len(worst))}: {_join_named(named, len(worst))}"]


def _remark_on_checks(outcomes: Sequence[tuple[str, LastOutcome]], *, severe: bool) -> list[str]:
    failed = [(key, names) for key, outcome in outcomes if (names := outcome.failed_checks(severe=severe))]
    if not failed:
        return []
    checks = Counter(name for _, names in failed for name in names)
    counts = ", ".join(f"{name} {count:,}" for name, count in checks.most_common())
    what = "not fit for use" if severe else "warned"
    return [f"{_count_keys(len(failed))} {what}: {counts}; see 'persona-assets status'"]


def _list_reasons(by_reason: dict[str, Any]) -> str:
    largest = Counter(by_reason).most_common()
    return _join_named([f"{count:,} {reason}" for reason, count in largest[:MAX_NAMED]], len(largest))


def _join_named(named: Sequence[str], count: int) -> str:
    more = count - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def _count_keys(count: int) -> str:
    return f"{count:,} key{'s' * (count != 1)}"
