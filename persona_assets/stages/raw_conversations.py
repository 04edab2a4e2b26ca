"""raw_conversations: read the raw file strictly and account for every line."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from persona_assets.raw.ledger import QuarantinedLine, RowLedger
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.stages.inputs import raw_inputs
from persona_assets.stages.names import RAW_CONVERSATIONS
from persona_assets.stages.recording import record_stage
from persona_assets.stages.work import KeyWork
from persona_assets.store.replacement import replacing


@dataclass(frozen=True)
class RawConversationsMade:
    source: Path
    size_bytes: int
    sha256: str
    ledger: RowLedger
    quarantine: Path | None
    """Where the quarantined lines are, if there are any."""


def make_raw_conversations(work: KeyWork) -> RawConversationsMade:
    """Read the key's raw file, quarantine what is no row, record the ledger."""
    key, workspace = work.key, work.workspace
    target = workspace.quarantine(key)
    with replacing(workspace.journal(key)) as replacement:
        with replacement.file(target).open("wb") as file:

            def write(entry: QuarantinedLine) -> None:
                file.write(msgspec.json.encode(asdict(entry)) + b"\n")

            work.raw = raw = read_conversations(workspace.raw_responses(key), key, work.settings, write)
        has_quarantine = raw.ledger.quarantined.total() > 0
        if not has_quarantine:
            replacement.remove(target)
        record_stage(work, RAW_CONVERSATIONS, replacement, raw_inputs(work.settings, raw.sha256), _counts(raw))
    return RawConversationsMade(raw.path, raw.size_bytes, raw.sha256, raw.ledger, target if has_quarantine else None)


def _counts(raw: RawConversations) -> dict[str, Any]:
    return {
        "source": str(raw.path),
        "source_stamp": raw.stamp.record(),
        "ledger": raw.ledger.record(),
        "first_quarantined": [asdict(entry) for entry in raw.ledger.first_quarantined],
    }
