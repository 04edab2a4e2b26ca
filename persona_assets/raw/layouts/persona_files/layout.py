"""Layouts with one file of conversations and one of scores a persona: each adds its folders and labels."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder, UnfitFile
from persona_assets.raw.grammar import RowGrammar
from persona_assets.raw.layouts.contract import KeyFiles, RawRecord, ScoreEntry
from persona_assets.raw.layouts.json_lines import JsonLinesLayout
from persona_assets.raw.layouts.persona_files.arrangement import Arrangement, folders_in
from persona_assets.raw.layouts.persona_files.file_names import (
    RESPONSE_SUFFIX,
    RESPONSE_SUFFIXES,
    explain_contradiction,
)
from persona_assets.raw.layouts.persona_files.key_files import find_files
from persona_assets.raw.layouts.persona_files.keys_of_model import find_keys
from persona_assets.raw.layouts.persona_files.score_names import read_entry
from persona_assets.raw.layouts.persona_files.search import fingerprint_lines
from persona_assets.raw.layouts.score_objects import score_pairs
from persona_assets.raw.parsing import parse_line
from persona_assets.raw.rows import LabelWords, Reason, Rejection, RowRules

_NUMBERED_BASELINE = re.compile(r"\d+_default", re.ASCII)
_REFUSED_FOR_FORM = (Reason.MISSING_FIELD, Reason.UNKNOWN_LABEL)


class PersonaFilesLayout(JsonLinesLayout):
    """Reads the files of a persona: one, compressed or not, or shards; ambiguous ones are refused."""

    arrangement: Arrangement
    labels: ClassVar[Mapping[str, LabelWords]]
    """The words for labels by the name of the kind."""
    other_grammar: RowGrammar | None = None
    """How a line is read that lacks a field or has an unknown label, as older files or those of forks do."""
    conversation_suffixes = RESPONSE_SUFFIXES

    def __init__(self) -> None:
        self.signs = self.arrangement.signs

    def find(self, model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
        return find_keys(model, self.arrangement, self.is_unscored)

    def fingerprint_lines(self, model: ModelFolder) -> Iterator[str]:
        return fingerprint_lines(model, self.arrangement)

    def reads(self, model: ModelFolder) -> tuple[Path, ...]:
        return folders_in(model, self.arrangement.read_in_model)

    def expected(self, kind: Kind) -> str:
        place = self.arrangement.of(kind)[0]
        return f"{place.below(Path('{model}'))}/{place.responses}/*{RESPONSE_SUFFIX}"

    def files(self, raw_root: Path, key: DatasetKey) -> KeyFiles:
        files = find_files(raw_root / key.model, self.arrangement.of(key.kind), key.persona)
        return replace(files, scores={}) if self.is_unscored(key.kind, key.persona) else files

    def is_baseline(self, key: DatasetKey) -> bool:
        return key.kind == ROLE and _NUMBERED_BASELINE.fullmatch(key.persona) is not None

    def is_unscored(self, kind: Kind, persona: str) -> bool:  # noqa: ARG002
        """Whether no scores of a persona are read, even if there are any."""
        return False

    def words(self, kind: Kind) -> LabelWords:
        return self.labels[kind.name]

    def read_rows(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[RawRecord]:
        paths = [file.path for file in files]
        if problem := explain_contradiction(paths):
            raise RawDataError(f"{paths[0]} {problem}").about(key=key, path=paths[0])
        records = super().read_rows(files, key, rules)
        grammar = self.other_grammar_of(key)
        return (_read_again(record, rules, grammar) for record in records) if grammar else records

    def read_scores(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[ScoreEntry]:
        if len(files) > 1:
            names = " and ".join(file.path.name for file in files[1:])
            raise RawDataError(f"{files[0].path} scores the same rows as {names}; keep one of them").about(
                key=key, path=files[0].path
            )
        for file in files:
            for text, value in score_pairs(file, rules):
                yield read_entry(text, value, rules.words)

    def other_grammar_of(self, key: DatasetKey) -> RowGrammar | None:  # noqa: ARG002
        return self.other_grammar


def _read_again(record: RawRecord, rules: RowRules, grammar: RowGrammar) -> RawRecord:
    """What ``grammar`` makes of a line that was refused for its form; the same record if it was not."""
    refused = isinstance(record.parsed, Rejection) and record.parsed.reason in _REFUSED_FOR_FORM
    if not refused or record.excerpt is None:
        return record
    parsed = parse_line(record.excerpt, rules, grammar, record.number)
    return replace(record, parsed=parsed, excerpt=record.excerpt if isinstance(parsed, Rejection) else None)
