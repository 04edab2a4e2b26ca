"""raw_conversations: read the raw file strictly and account for every line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from persona_assets.raw.ledger import QuarantinedLine, RowLedger
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.sources import SourceRead, locate
from persona_assets.raw.stamps import Stamp
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
                file.write(msgspec.json.encode(entry) + b"\n")

            work.raw = raw = read_conversations(locate(workspace.raw_root, key), work.settings, write)
        [read] = raw.files.values()
        has_quarantine = raw.ledger.quarantined.total() > 0
        if not has_quarantine:
            replacement.remove(target)
        record_stage(work, RAW_CONVERSATIONS, replacement, raw_inputs(work.settings, read.sha256), _counts(raw, read))
    return RawConversationsMade(
        read.path, read.size_bytes, read.sha256, raw.ledger, target if has_quarantine else None
    )


def _counts(raw: RawConversations, file: SourceRead) -> dict[str, Any]:
    return {
        "source": str(file.path),
        "source_stamp": msgspec.to_builtins(Stamp(file.size_bytes, file.modified_ns)),
        "ledger": msgspec.to_builtins(raw.ledger.record()),
        "first_quarantined": msgspec.to_builtins(raw.ledger.first_quarantined),
    }
