"""Checks of raw_conversations, from the ledger in the manifest and the rows themselves."""

from itertools import product

from persona_assets.checks.names import ALL_ROWS_PRESENT, LEDGER_BALANCES, NO_DUPLICATE_ROWS, NO_QUARANTINED_LINES
from persona_assets.checks.outcomes import CheckOutcome, first
from persona_assets.raw.rows import Reason, identity_text
from persona_assets.stages.names import RAW_CONVERSATIONS
from persona_assets.stages.work import KeyWork

DUPLICATES = (Reason.EXACT_DUPLICATE, Reason.CONFLICTING_DUPLICATE)


def check_raw_conversations(work: KeyWork) -> list[CheckOutcome]:
    section = work.manifest.section(RAW_CONVERSATIONS)
    ledger, offenders = section["ledger"], section["first_quarantined"]
    by_reason = ledger["quarantined"]
    duplicates = {reason.value: by_reason[reason] for reason in DUPLICATES if reason in by_reason}
    lost = sum(by_reason.values())
    counts = {"lines": ledger["lines"], "kept": ledger["kept"], "quarantined": lost}
    return [
        CheckOutcome(LEDGER_BALANCES, ledger["lines"] == ledger["kept"] + lost == len(work.raw.rows) + lost, counts),
        CheckOutcome(NO_QUARANTINED_LINES, not lost, counts | {"by_reason": by_reason, "first": first(offenders)}),
        CheckOutcome(NO_DUPLICATE_ROWS, not duplicates, {"duplicates": sum(duplicates.values()), **duplicates}),
        _all_rows_present(work),
    ]


def _all_rows_present(work: KeyWork) -> CheckOutcome:
    """Expects labels x prompts x questions as they occur: 1,200 for a role, 2,400 for a trait, when complete."""
    found = {row.identity for row in work.raw.rows}
    labels = {label for label, _, _ in found} | _labels_always_asked(work)
    questions = {question for _, _, question in found}
    expected = set(product(sorted(labels), range(work.settings.max_prompts), questions))
    missing = sorted(expected - found)
    facts = {
        "expected": len(expected),
        "found": len(found),
        "questions": len(questions),
        "missing": len(missing),
        "first_missing": [identity_text(identity) for identity in first(missing)],
    }
    return CheckOutcome(ALL_ROWS_PRESENT, not missing, facts)


def _labels_always_asked(work: KeyWork) -> set[str]:
    """Traits come in pairs of labels; a role's file holds its persona, a baseline's the default alone."""
    return set(work.key.kind.labels) if work.key.kind.paired else set()
