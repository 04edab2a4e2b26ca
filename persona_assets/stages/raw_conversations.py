"""raw_conversations: read the raw file strictly and account for every line."""

from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from persona_assets.raw.ledger import QuarantinedLine, RowLedger
from persona_assets.raw.reader import read_conversations
from persona_assets.stages.names import RAW_CONVERSATIONS
from persona_assets.stages.work import KeyWork
from persona_assets.store.atomic import new_file, remove


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
    with new_file(target) as staged, staged.open("wb") as file:

        def write(entry: QuarantinedLine) -> None:
            file.write(msgspec.json.encode(asdict(entry)) + b"\n")

        work.raw = raw = read_conversations(workspace.raw_responses(key), key, work.settings, write)
    has_quarantine = raw.ledger.quarantined.total() > 0
    if not has_quarantine:
        remove(target)
    record = {
        "source": str(raw.path),
        "bytes": raw.size_bytes,
        "sha256": raw.sha256,
        "ledger": raw.ledger.record(),
        "first_quarantined": [asdict(entry) for entry in raw.ledger.first_quarantined],
    }
    work.manifest.write(RAW_CONVERSATIONS, record)
    return RawConversationsMade(raw.path, raw.size_bytes, raw.sha256, raw.ledger, target if has_quarantine else None)
