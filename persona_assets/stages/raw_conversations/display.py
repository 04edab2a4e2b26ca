"""How raw_conversations looks in the UI."""

from collections.abc import Mapping
from typing import Any

import msgspec

from persona_assets.raw.ledger import RowLedger
from persona_assets.stage.shown import ROW_COUNT, Shown, ShownJson, ShownPath, ShownTable
from persona_assets.stage.wording import count, tally
from persona_assets.stages.raw_conversations.make import RawConversationsMade


def show(made: RawConversationsMade) -> Mapping[str, Shown]:
    ledger, sources = made.ledger, list(made.sources.values())
    return {
        "summary": _summarise(ledger),
        **_show_quarantine(made),
        "lines": ledger.lines,
        ROW_COUNT: ledger.kept,
        "quarantined_lines": ledger.quarantined.total(),
        "source": ShownPath(sources[0].path),
        "source_bytes": sum(source.size_bytes for source in sources),
        "ledger": ShownJson(_describe(ledger)),
        "source_sha256": ", ".join(source.sha256 for source in sources),
    }


def _summarise(ledger: RowLedger) -> str:
    quarantined = {reason.value: number for reason, number in ledger.quarantined.items()}
    lost = f", {ledger.quarantined.total():,} quarantined: {tally(quarantined)}" if quarantined else ""
    noted = {note.value: number for note, number in ledger.notes.items()}
    return f"{count(ledger.kept, 'row')} of {count(ledger.lines, 'line')}{lost}" + (
        f"; noted: {tally(noted)}" if noted else ""
    )


def _show_quarantine(made: RawConversationsMade) -> Mapping[str, Shown]:
    if not made.quarantine:
        return {}
    entries = made.ledger.first_quarantined
    return {
        "first_quarantined": ShownTable(
            {"line": entry.line, "reason": entry.reason.value, "detail": entry.detail, "excerpt": entry.excerpt[:80]}
            for entry in entries
        ),
        "quarantine_file": ShownPath(made.quarantine),
    }


def _describe(ledger: RowLedger) -> dict[str, Any]:
    """The ledger's record. The names of extra fields come from the raw file, so they are shown as values."""
    extra = [{"field": name, "lines": lines} for name, lines in sorted(ledger.extra_fields.items())]
    record: dict[str, Any] = msgspec.to_builtins(ledger.record())
    return record | {"extra_fields": extra}
