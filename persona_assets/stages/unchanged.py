"""Leaving alone what would come out the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from persona_assets.stages.freshness import Sources, Today, intact, reason_to_make
from persona_assets.stages.names import STAGE_NAMES
from persona_assets.stages.work import KeyWork
from persona_assets.store.manifests import data_version
from persona_assets.tokens.loading import load_tokenizer

_ABOUT_FILES = frozenset({"code", "inputs", "outputs", "first_quarantined", "source_stamp", "score_stamp"})


@dataclass(frozen=True)
class Unchanged:
    """Stands for the result of a stage that was not made again, because its outputs are what it would make."""

    counts: Mapping[str, Any]
    """What the stage counted when it made them."""
    data_version: str


@dataclass
class Comparison:
    """Compares one key's manifest with today, exactly: raw files and outputs are read."""

    work: KeyWork
    sources: Sources | None = None

    def unchanged(self, stage: str) -> Unchanged | None:
        """None if ``stage``, or one before it, would make something else now, or an output is damaged."""
        work, sections = self.work, self.work.manifest.sections()
        up_to_it = STAGE_NAMES[: STAGE_NAMES.index(stage) + 1]
        if any(one not in sections for one in up_to_it):
            return None
        today = self._today()
        if any(reason_to_make(one, today, sections) for one in up_to_it):
            return None
        if not intact(work.workspace.root, sections[stage]):
            return None
        counts = {name: value for name, value in sections[stage].items() if name not in _ABOUT_FILES}
        return Unchanged(counts, data_version(sections[stage]))

    def _today(self) -> Today:
        work = self.work
        return Today(work.key, work.settings, self._sources(), work.variants, self._tokenizer)

    def _sources(self) -> Sources:
        """Read once; again when a file that was not read may have been, by a stage made since."""
        if self.sources is None or self.sources.unread:
            self.sources = Sources.read(self.work.key, self.work.workspace, self.work.manifest.sections())
        return self.sources

    def _tokenizer(self) -> Mapping[str, Any]:
        identity: Mapping[str, Any] = msgspec.to_builtins(
            load_tokenizer(self.work.key.model, self.work.settings).identity
        )
        return identity
