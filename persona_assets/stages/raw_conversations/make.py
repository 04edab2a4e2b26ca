"""Reading the raw files of a key, and quarantining the lines that cannot become rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from persona_assets.keys import DatasetKey
from persona_assets.raw.ledger import QuarantinedLine, RowLedger
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.sources import SourceRead
from persona_assets.stage.context import Product, StageContext
from persona_assets.stage.outcomes import Made
from persona_assets.stages.raw_conversations.spec import NAME, QUARANTINE, RAW_CONVERSATIONS
from persona_assets.store.replacement import Replacement


@dataclass(frozen=True)
class RawConversationsMade:
    sources: Mapping[str, SourceRead]
    ledger: RowLedger
    quarantine: Path | None
    """Where the quarantined lines are, if there are any."""


def make(context: StageContext[DatasetKey], replacement: Replacement) -> Made[RawConversationsMade]:
    """Read the key's raw files, quarantine the lines that cannot become rows, and return the ledger."""
    target = QUARANTINE.path(context.workspace.root, context.key)
    with replacement.file(target).open("wb") as file:

        def write(entry: QuarantinedLine) -> None:
            file.write(msgspec.json.encode(entry) + b"\n")

        raw = read_conversations(context.sources, context.settings, write)
    has_quarantine = raw.ledger.quarantined.total() > 0
    if not has_quarantine:
        replacement.remove(target)
    return Made(
        RawConversationsMade(raw.files, raw.ledger, target if has_quarantine else None),
        findings={"ledger": raw.ledger.record(), "first_quarantined": raw.ledger.first_quarantined},
        sources=raw.files,
        products={CONVERSATIONS: raw},
    )


def _read_again(context: StageContext[DatasetKey]) -> RawConversations:
    accounted = context.manifest.get(RAW_CONVERSATIONS)
    raw = read_conversations(context.sources, context.settings, _leave_to_the_stage)
    changed = [str(read.path) for name, read in raw.files.items() if read.sha256 != accounted.inputs.files.get(name)]
    if changed:
        raise context.producer(RAW_CONVERSATIONS).inconsistent(
            f"{changed[0]} has changed since its lines were accounted for"
        )
    return raw


def _leave_to_the_stage(entry: QuarantinedLine) -> None:
    """Quarantined lines are written down when the stage is made, not when the rows are read again."""


CONVERSATIONS = Product(NAME, _read_again)
"""The rows of the raw files whose lines have been accounted for."""
