"""Chat data written by the tests, and read back through the corpus as any key is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.chat_fields import ChatFields
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.rows import RawRow
from persona_assets.raw.scores import Score, Scores, read_scores
from persona_assets.raw.sources import locate
from persona_assets.settings import Settings

MODEL = "my-model"
PIRATE = DatasetKey(MODEL, "role", "pirate")
MONK = DatasetKey(MODEL, "role", "monk")


def chat(question: str = "Why?", answer: str = "Because.", system: str | None = None) -> list[dict[str, str]]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return turns if system is None else [{"role": "system", "content": system}, *turns]


def row(question: str = "Why?", answer: str = "Because.", system: str | None = None, **more: Any) -> dict[str, Any]:
    return {"messages": chat(question, answer, system), **more}


@dataclass(frozen=True)
class Read:
    raw: RawConversations
    quarantined: list[QuarantinedLine]
    scores: Scores

    @property
    def rows(self) -> list[RawRow]:
        return self.raw.rows

    @property
    def identities(self) -> list[str]:
        return [str(one.identity) for one in self.rows]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        return [(entry.line, entry.reason.value) for entry in self.quarantined]

    @property
    def judged(self) -> list[Score]:
        return [self.scores.score_of(one.identity) for one in self.rows]


@dataclass(frozen=True)
class Chats:
    """A raw root with one model, and what the settings say of it."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / MODEL

    def write(self, name: str, rows: Iterable[dict[str, Any] | str]) -> Path:
        """Write JSON lines; text is written as it is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in rows]
        path.write_bytes("".join(f"{line}\n" for line in lines).encode())
        return path

    def settings(self, fields: dict[str, Any] | None = None, **more: Any) -> Settings:
        entries = {} if fields is None else {MODEL: ChatFields.model_validate(fields)}
        return Settings(data_root=self.root, chat_data=entries, **more)

    def discover(self, fields: dict[str, Any] | None = None, **more: Any) -> RawInventory:
        return discover(RawCorpus.of(self.settings(fields, **more)))

    def problems(self, fields: dict[str, Any] | None = None, **more: Any) -> dict[str, str]:
        found = self.discover(fields, **more).unfit
        return {str(one.path.relative_to(self.folder)): one.problem for one in found}

    def keys(self, fields: dict[str, Any] | None = None) -> list[str]:
        return [str(key).removeprefix(f"{MODEL}__") for key in self.discover(fields).keys]

    def read(self, key: DatasetKey = PIRATE, fields: dict[str, Any] | None = None, **more: Any) -> Read:
        settings = self.settings(fields, **more)
        sources = locate(RawCorpus.of(settings), key)
        quarantined: list[QuarantinedLine] = []
        raw = read_conversations(sources, settings, quarantined.append)
        assert raw.ledger.lines == raw.ledger.kept + raw.ledger.quarantined.total()
        return Read(raw, quarantined, read_scores(sources, settings))
