"""Checks of raw_conversations, from the ledger in the manifest and the rows themselves."""

from collections.abc import Mapping, Sequence
from itertools import product

import msgspec

from persona_assets.keys import DatasetKey
from persona_assets.raw.ledger import LedgerRecord, QuarantinedLine
from persona_assets.raw.reader import RawConversations
from persona_assets.raw.rows import Identity, Reason
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stage.wording import count, name_first, tally
from persona_assets.stages.raw_conversations.spec import (
    ALL_ROWS_PRESENT,
    LEDGER_BALANCES,
    NO_DUPLICATE_ROWS,
    NO_QUARANTINED_LINES,
    RAW_CONVERSATIONS,
    RawConversationsRecord,
)

DUPLICATES = (Reason.EXACT_DUPLICATE, Reason.CONFLICTING_DUPLICATE)


def check(context: StageContext[DatasetKey], raw: RawConversations) -> Sequence[CheckOutcome]:
    record = context.manifest.get(RAW_CONVERSATIONS)
    ledger, by_reason = record.ledger, record.ledger.quarantined
    duplicates = {reason.value: by_reason[reason] for reason in DUPLICATES if reason in by_reason}
    lost = sum(by_reason.values())
    counts = {"lines": ledger.lines, "kept": ledger.kept, "quarantined": lost}
    return [
        _check_balance(ledger, lost, len(raw.rows), counts),
        _check_quarantine(record, counts),
        _check_duplicates(duplicates, ledger.lines),
        _check_all_rows_present(context, raw),
    ]


def _check_balance(ledger: LedgerRecord, lost: int, rows: int, counts: Mapping[str, int]) -> CheckOutcome:
    balanced = ledger.lines == ledger.kept + lost == rows + lost
    account = f"{count(ledger.lines, 'line')} read, {count(ledger.kept, 'row')} kept, {lost:,} quarantined"
    sentence = account if balanced else f"{account}, but {count(rows, 'row')} found: the account does not balance"
    return CheckOutcome(LEDGER_BALANCES, balanced, counts, sentence)


def _check_quarantine(record: RawConversationsRecord, counts: Mapping[str, int]) -> CheckOutcome:
    by_reason, offenders = record.ledger.quarantined, first(record.first_quarantined)
    facts = {**counts, "by_reason": by_reason, "first": msgspec.to_builtins(offenders)}
    lines, lost = counts["lines"], counts["quarantined"]
    if not lost:
        sentence = f"every line became a row: {count(lines, 'line')}"
    else:
        sentence = f"{lost:,} of {count(lines, 'line')} quarantined: {tally(by_reason)}{_say_where(offenders)}"
    return CheckOutcome(NO_QUARANTINED_LINES, not lost, facts, sentence)


def _say_where(offenders: Sequence[QuarantinedLine]) -> str:
    if not offenders:
        return ""
    one = offenders[0]
    return f"; first: line {one.line}" + (f" of {one.file}" if one.file else "")


def _check_duplicates(duplicates: Mapping[str, int], lines: int) -> CheckOutcome:
    found = sum(duplicates.values())
    sentence = f"{found:,} of {count(lines, 'line')} quarantined as duplicates: {tally(duplicates)}"
    if not found:
        sentence = f"no two of {count(lines, 'line')} share label, prompt and question"
    return CheckOutcome(NO_DUPLICATE_ROWS, not duplicates, {"duplicates": found, **duplicates}, sentence)


def _check_all_rows_present(context: StageContext[DatasetKey], raw: RawConversations) -> CheckOutcome:
    """Expects labels x prompts x questions x samples as they occur: 1,200 for a role, 2,400 for a trait."""
    found = {row.identity for row in raw.rows}
    labels = _add_labels_always_asked(context.key, {row.label for row in found})
    questions, samples = {row.question_index for row in found}, {row.sample_index for row in found}
    every = product(sorted(labels), range(context.settings.max_prompts), questions, samples)
    expected = {Identity(*one) for one in every}
    missing = sorted(expected - found)
    named = [str(identity) for identity in first(missing)]
    facts = {
        "expected": len(expected),
        "found": len(found),
        "questions": len(questions),
        "missing": len(missing),
        "first_missing": named,
    }
    sentence = f"{len(missing):,} of {count(len(expected), 'row')} missing: {name_first(named, len(missing))}"
    if not missing:
        sentence = f"every row is there: {len(expected):,}, of {count(len(questions), 'question')}"
    return CheckOutcome(ALL_ROWS_PRESENT, not missing, facts, sentence)


def _add_labels_always_asked(key: DatasetKey, found: set[str]) -> set[str]:
    """Files of traits must have both labels, unless they hold the model's answers without the trait alone.

    Those of roles have one: ``pos``, or ``default`` for a baseline.
    """
    asked = set(key.kind.labels)
    return found | asked if key.kind.paired and found & asked else found
