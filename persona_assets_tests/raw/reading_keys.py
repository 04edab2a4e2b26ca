"""Reading a key as it lies in a raw root, in whatever layout."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.rows import Reason
from persona_assets.raw.scores import Scores, read_scores
from persona_assets.raw.sources import KeySources, SourceRead, locate
from persona_assets.settings import Settings

SETTINGS = Settings()


@dataclass
class KeyRead:
    """What was read of a key, after checks of what must hold of every key."""

    sources: KeySources
    raw: RawConversations
    quarantined: list[QuarantinedLine]
    scores: Scores

    @property
    def reasons(self) -> list[tuple[int, Reason]]:
        return [(entry.line, entry.reason) for entry in self.quarantined]


def read_key(root: Path, key: DatasetKey, settings: Settings = SETTINGS) -> KeyRead:
    corpus = RawCorpus.of(settings.model_copy(update={"data_root": root}))
    sources = locate(corpus, key)
    quarantined: list[QuarantinedLine] = []
    raw = read_conversations(sources, settings, quarantined.append)
    assert raw.ledger.lines == raw.ledger.kept + len(quarantined) == len(raw.rows) + len(quarantined)
    scores = read_scores(sources, settings)
    for group, read in ((sources.conversations, raw.files), (sources.scores, scores.files)):
        there = [file for file in group if file.path.exists()]
        assert set(read) == {file.name for file in there}
        for file in there:
            assert read[file.name] == as_on_disk(file.path)
    return KeyRead(sources, raw, quarantined, scores)


def as_on_disk(path: Path) -> SourceRead:
    status, content = path.stat(), path.read_bytes()
    return SourceRead(path, status.st_size, status.st_mtime_ns, hashlib.sha256(content).hexdigest())


def find_problems(root: Path) -> dict[str, str]:
    """What ``discover`` says of files and folders it cannot use, by their path below the root."""
    return {str(one.path.relative_to(root)): one.problem for one in discover(RawCorpus(root)).unfit}


def find_keys(root: Path) -> list[str]:
    return [str(key) for key in discover(RawCorpus(root)).keys]
