"""Checks of raw_conversations, from the ledger in the manifest and the rows themselves."""

from collections.abc import Sequence
from itertools import product

import msgspec

from persona_assets.keys import DatasetKey
from persona_assets.raw.reader import RawConversations
from persona_assets.raw.rows import Identity, Reason
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stages.raw_conversations.spec import (
    ALL_ROWS_PRESENT,
    LEDGER_BALANCES,
    NO_DUPLICATE_ROWS,
    NO_QUARANTINED_LINES,
    RAW_CONVERSATIONS,
)

DUPLICATES = (Reason.EXACT_DUPLICATE, Reason.CONFLICTING_DUPLICATE)


def check(context: StageContext[DatasetKey], raw: RawConversations) -> Sequence[CheckOutcome]:
    record = context.manifest.get(RAW_CONVERSATIONS)
    ledger, by_reason = record.ledger, record.ledger.quarantined
    duplicates = {reason.value: by_reason[reason] for reason in DUPLICATES if reason in by_reason}
    lost = sum(by_reason.values())
    counts = {"lines": ledger.lines, "kept": ledger.kept, "quarantined": lost}
    offenders = msgspec.to_builtins(first(record.first_quarantined))
    return [
        CheckOutcome(LEDGER_BALANCES, ledger.lines == ledger.kept + lost == len(raw.rows) + lost, counts),
        CheckOutcome(NO_QUARANTINED_LINES, not lost, counts | {"by_reason": by_reason, "first": offenders}),
        CheckOutcome(NO_DUPLICATE_ROWS, not duplicates, {"duplicates": sum(duplicates.values()), **duplicates}),
        _check_all_rows_present(context, raw),
    ]


def _check_all_rows_present(context: StageContext[DatasetKey], raw: RawConversations) -> CheckOutcome:
    """Expects labels x prompts x questions x samples as they occur: 1,200 for a role, 2,400 for a trait."""
    found = {row.identity for row in raw.rows}
    labels = _add_labels_always_asked(context.key, {row.label for row in found})
    questions, samples = {row.question_index for row in found}, {row.sample_index for row in found}
    every = product(sorted(labels), range(context.settings.max_prompts), questions, samples)
    expected = {Identity(*one) for one in every}
    missing = sorted(expected - found)
    facts = {
        "expected": len(expected),
        "found": len(found),
        "questions": len(questions),
        "missing": len(missing),
        "first_missing": [str(identity) for identity in first(missing)],
    }
    return CheckOutcome(ALL_ROWS_PRESENT, not missing, facts)


def _add_labels_always_asked(key: DatasetKey, found: set[str]) -> set[str]:
    """Files of traits must have both labels, unless they hold the model's answers without the trait alone.

    Those of roles have one: ``pos``, or ``default`` for a baseline.
    """
    asked = set(key.kind.labels)
    return found | asked if key.kind.paired and found & asked else found
