"""How raw_conversations looks in the UI."""

from collections.abc import Mapping
from typing import Any

import msgspec

from persona_assets.raw.ledger import RowLedger
from persona_assets.stage.shown import ROW_COUNT, Shown, ShownJson, ShownPath, ShownTable
from persona_assets.stages.raw_conversations.make import RawConversationsMade


def show(made: RawConversationsMade) -> Mapping[str, Shown]:
    ledger = made.ledger
    sources = list(made.sources.values())
    metadata: dict[str, Shown] = {
        "source": ShownPath(sources[0].path),
        "source_bytes": sum(source.size_bytes for source in sources),
        "source_sha256": ", ".join(source.sha256 for source in sources),
        "lines": ledger.lines,
        ROW_COUNT: ledger.kept,
        "quarantined": ledger.quarantined.total(),
        "ledger": ShownJson(_describe(ledger)),
    }
    if made.quarantine:
        metadata["quarantine_file"] = ShownPath(made.quarantine)
        metadata["first_quarantined"] = ShownTable(
            {"line": entry.line, "reason": entry.reason.value, "detail": entry.detail}
            for entry in ledger.first_quarantined
        )
    return metadata


def _describe(ledger: RowLedger) -> dict[str, Any]:
    """The ledger's record. The names of extra fields come from the raw file, so they are shown as values."""
    extra = [{"field": name, "lines": lines} for name, lines in sorted(ledger.extra_fields.items())]
    record: dict[str, Any] = msgspec.to_builtins(ledger.record())
    return record | {"extra_fields": extra}
