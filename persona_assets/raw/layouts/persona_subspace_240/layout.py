"""persona-subspace's 240 layout: two files per persona, or one for a baseline, which no judge scores."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder, UnfitFile
from persona_assets.raw.grammar import RowGrammar
from persona_assets.raw.layouts.contract import KeyFiles, ScoreEntry
from persona_assets.raw.layouts.json_lines import JsonLinesLayout
from persona_assets.raw.layouts.persona_subspace_240 import search
from persona_assets.raw.layouts.persona_subspace_240.names import (
    FOLDERS,
    KINDS_BY_FOLDER,
    RESPONSE_SUFFIX,
    RESPONSES,
    SCORE_SUFFIX,
    SCORES,
    SIGNS,
)
from persona_assets.raw.layouts.score_objects import score_pairs
from persona_assets.raw.rows import Identity, LabelWords, RowRules

_LEGACY_LABELS = {ROLE.name: {"neutral": "default"}}
_BASELINE = re.compile(r"\d+_default", re.ASCII)
_SCORE_KEY = re.compile(
    r"(?P<label>[a-z]+)_(?:p(?P<prompt>\d{1,6})_q)?(?P<question>\d{1,6})(?:_s(?P<sample>\d{1,6}))?", re.ASCII
)


class PersonaSubspace240(JsonLinesLayout):
    name = "persona-subspace-240"
    signs = SIGNS
    conversation_suffixes = (RESPONSE_SUFFIX,)
    grammar = RowGrammar(legacy_prompt_index=True)

    def find(self, model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
        return search.find(model)

    def fingerprint_lines(self, model: ModelFolder) -> Iterator[str]:
        return search.fingerprint_lines(model)

    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        return tuple(entry.path for entry in model.entries if entry.is_folder and entry.name in KINDS_BY_FOLDER)

    def expected(self, kind: Kind) -> str:
        return f"{{model}}/{FOLDERS[kind.name]}/{RESPONSES}/*{RESPONSE_SUFFIX}"

    def files(self, raw_root: Path, key: DatasetKey) -> KeyFiles:
        folder = raw_root / key.model / FOLDERS[key.kind_name]
        return KeyFiles(
            {"responses": folder / RESPONSES / f"{key.persona}{RESPONSE_SUFFIX}"},
            {"scores": folder / SCORES / f"{key.persona}{SCORE_SUFFIX}"},
        )

    def is_baseline(self, key: DatasetKey) -> bool:
        return key.kind == ROLE and _BASELINE.fullmatch(key.persona) is not None

    def words(self, kind: Kind) -> LabelWords:
        return LabelWords({label: label for label in kind.labels}, _LEGACY_LABELS.get(kind.name, {}))

    def read_scores(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[ScoreEntry]:  # noqa: ARG002
        for file in files:
            for text, value in score_pairs(file, rules):
                yield _entry(text, value, rules.words)


def _entry(text: str, value: object, words: LabelWords) -> ScoreEntry:
    """Parse a name such as ``pos_p1_q20``, or ``pos_20`` in older files."""
    match = _SCORE_KEY.fullmatch(text)
    if not match or not words.knows(match["label"]):
        return ScoreEntry(text, None, value)
    label, prompt, question, sample = match.groups()
    row = Identity(words.label(label), int(prompt or 0), int(question), int(sample or 0))
    return ScoreEntry(text, row, value, match["prompt"] is None or match["label"] in words.legacy)


PERSONA_SUBSPACE_240 = PersonaSubspace240()
