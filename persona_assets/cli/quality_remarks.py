"""Remarks on the quality of finished keys: quarantined lines and failed checks."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from persona_assets.collection.concerns import list_concerns
from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetKey
from persona_assets.run.last_outcome import LastOutcome, read_last_outcome
from persona_assets.stage.wording import MAX_NAMED, count, name_first, tally
from persona_assets.stages.filtered_variants.spec import VARIANTS_CONSISTENT
from persona_assets.stages.raw_conversations.spec import NO_QUARANTINED_LINES
from persona_assets.workspace import Workspace

Outcomes = Mapping[DatasetKey, LastOutcome]


def read_outcomes(workspace: Workspace, keys: Iterable[DatasetKey]) -> Outcomes:
    """What was recorded of each key, but for keys whose record is damaged: they have already failed for that."""
    outcomes = {}
    for key in keys:
        with suppress(InconsistentOutputError):
            outcomes[key] = read_last_outcome(workspace, key)
    return outcomes


def remark_on_keys(outcomes: Outcomes) -> list[str]:
    """One sentence on quarantined lines, one on each empty variant, one on failed WARN checks, if there are any."""
    of_this_file = {
        str(key): outcome
        for key, outcome in outcomes.items()
        if not outcome.failure or outcome.failure.stage != NO_QUARANTINED_LINES.stage  # else of an earlier file
    }
    return [
        *_remark_on_quarantine(of_this_file),
        *_remark_on_empty_variants(of_this_file),
        *_remark_on_checks(of_this_file, severe=False),
    ]


def remark_on_failed_checks(outcomes: Outcomes, done: Collection[str]) -> list[str]:
    """One sentence on ERROR checks that failed for finished keys, if there are any."""
    finished = {str(key): outcome for key, outcome in outcomes.items() if str(key) in done}
    return _remark_on_checks(finished, severe=True)


def list_sentences(outcomes: Outcomes) -> list[str]:
    """What the failed checks of each key found, in words, where all assets were made."""
    return [
        f"{key}: {concern}"
        for key, outcome in outcomes.items()
        if not outcome.failure
        for concern in list_concerns(outcome)
    ]


def _remark_on_empty_variants(outcomes: Mapping[str, LastOutcome]) -> list[str]:
    empty: dict[str, list[str]] = {}
    for key, outcome in outcomes.items():
        check = outcome.checks.get(VARIANTS_CONSISTENT.name)
        for variant, rows in (check.facts.get("rows", {}) if check and check.passed else {}).items():
            if not rows:
                empty.setdefault(variant, []).append(key)
    return [
        f"variant {variant} is empty for {count(len(keys), 'key')}, because no row passes, and not written: "
        f"{name_first(keys, len(keys))}"
        for variant, keys in empty.items()
    ]


def _remark_on_quarantine(outcomes: Mapping[str, LastOutcome]) -> list[str]:
    checks = {key: outcome.checks.get(NO_QUARANTINED_LINES.name) for key, outcome in outcomes.items()}
    facts = {key: check.facts for key, check in checks.items() if check}
    counts = {key: found for key, found in facts.items() if found.get("quarantined")}
    if not counts:
        return []
    lost, lines = (sum(found[name] for found in counts.values()) for name in ("quarantined", "lines"))
    worst = sorted(counts, key=lambda key: (-counts[key]["quarantined"], key))
    named = [f"{key} ({tally(counts[key]['by_reason'])})" for key in worst[:MAX_NAMED]]
    return [f"{lost:,} of {lines:,} lines quarantined in {count(len(worst), 'key')}: {name_first(named, len(worst))}"]


def _remark_on_checks(outcomes: Mapping[str, LastOutcome], *, severe: bool) -> list[str]:
    failed = [names for outcome in outcomes.values() if (names := outcome.failed_checks(severe=severe))]
    if not failed:
        return []
    checks = Counter(name for names in failed for name in names)
    counts = ", ".join(f"{name} {number:,}" for name, number in checks.most_common())
    what = "not fit for use" if severe else "warned"
    return [f"{count(len(failed), 'key')} {what}: {counts}; see 'persona-assets status'"]
