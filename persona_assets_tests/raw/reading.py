"""Reading bytes as a raw file, with the checks that hold of every file; faultless rows to read."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.layouts.persona_subspace_240.layout import PERSONA_SUBSPACE_240
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.rows import Reason, RowRules
from persona_assets.raw.sources import KeySources, SourceFile, SourceRead
from persona_assets.settings import Settings

ROLE_KEY = DatasetKey("gemma-2-27b", "role", "alien")
TRAIT_KEY = DatasetKey("gemma-2-27b", "trait", "calm")
LIMIT = 1024
MAX_MESSAGES = 6
GRAMMAR = PERSONA_SUBSPACE_240.grammar
SETTINGS = Settings(max_line_bytes=LIMIT, max_file_bytes=100_000, max_messages=MAX_MESSAGES)
USER = {"role": "user", "content": "Why?"}
ASSISTANT = {"role": "assistant", "content": "Because."}
ANSWERED = [USER, ASSISTANT]


def line(index: int = 0, **changes: Any) -> bytes:
    """A faultless row about question ``index``, changed; a field set to ``...`` is left out."""
    row = {
        "system_prompt": "You are an alien.",
        "label": "pos",
        "prompt_index": 0,
        "conversation": ANSWERED,
        "question_index": index,
        "question": "Why?",
    } | changes
    return json.dumps({name: value for name, value in row.items() if value is not ...}, ensure_ascii=False).encode()


def conversations_at(path: Path, key: DatasetKey = ROLE_KEY) -> KeySources:
    """A key that is made of the file at ``path``, as persona-subspace writes it, and has no scores."""
    return KeySources(key, PERSONA_SUBSPACE_240, (SourceFile("responses", path),), ())


def scores_at(path: Path, key: DatasetKey = ROLE_KEY) -> KeySources:
    """A key whose scores are at ``path``, as persona-subspace writes them."""
    beside = SourceFile("responses", path.parent / "conversations.jsonl")
    return KeySources(key, PERSONA_SUBSPACE_240, (beside,), (SourceFile("scores", path),))


def rules_of(kind: Kind, settings: Settings) -> RowRules:
    return RowRules.of(PERSONA_SUBSPACE_240.words(kind), settings)


@dataclass
class Outcome:
    raw: RawConversations
    quarantined: list[QuarantinedLine]

    @property
    def questions(self) -> list[int]:
        return [row.question_index for row in self.raw.rows]

    @property
    def counts(self) -> tuple[int, int, dict[Reason, int]]:
        return self.raw.ledger.lines, self.raw.ledger.kept, dict(self.raw.ledger.quarantined)

    @property
    def reasons(self) -> list[tuple[int, Reason]]:
        """Line number and reason of each quarantined line, in the order they were handed over."""
        return [(entry.line, entry.reason) for entry in self.quarantined]


Read = Callable[..., Outcome]
"""What the fixture ``read`` gives: bytes in, what was read out."""


def read_content(path: Path, content: bytes, key: DatasetKey = ROLE_KEY, settings: Settings = SETTINGS) -> Outcome:
    """Write ``content`` to ``path``, read it, and check what must hold of every file."""
    path.write_bytes(content)
    quarantined: list[QuarantinedLine] = []
    raw = read_conversations(conversations_at(path, key), settings, quarantined.append)
    ledger = raw.ledger
    assert ledger.lines == ledger.kept + sum(ledger.quarantined.values())
    assert ledger.lines == content.count(b"\n") + (not content.endswith(b"\n"))
    assert ledger.kept == len(raw.rows) == len(raw.lines)
    assert sum(ledger.quarantined.values()) == len(quarantined)
    assert ledger.first_quarantined == quarantined[:20]
    assert sorted([*raw.lines, *(entry.line for entry in quarantined)]) == list(range(1, ledger.lines + 1))
    assert ledger.final_newline == content.endswith(b"\n")
    status = path.stat()
    assert raw.files == {
        "responses": SourceRead(path, len(content), status.st_mtime_ns, hashlib.sha256(content).hexdigest())
    }
    for entry in quarantined:
        assert content[: entry.byte_offset].count(b"\n") == entry.line - 1
        assert entry.byte_offset == 0 or content[entry.byte_offset - 1 : entry.byte_offset] == b"\n"
    return Outcome(raw, quarantined)
