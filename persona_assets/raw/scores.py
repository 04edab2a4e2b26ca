"""Reading the judge's scores of one key strictly: every value gets exactly one status."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from persona_assets.kinds import Kind
from persona_assets.raw.files import is_there
from persona_assets.raw.layouts.contract import ScoreEntry
from persona_assets.raw.opening import open_raw
from persona_assets.raw.rows import Identity, RowRules, printable
from persona_assets.raw.sources import KeySources, SourceRead
from persona_assets.settings import Settings

REFUSAL = "REFUSAL"


class ScoreStatus(StrEnum):
    """What kind of verdict a row has from the judge. Only ``ok`` comes with a score."""

    OK = "ok"
    REFUSAL = "refusal"
    MISSING = "missing"
    UNPARSED = "unparsed"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True)
class Score:
    status: ScoreStatus
    value: int | float | None = None
    """An integer unless the judge's score has a fraction."""
    coherence: float | None = None
    verdict: str | None = None


NO_SCORE = Score(ScoreStatus.MISSING)


@dataclass(frozen=True)
class Scores:
    """All scores of one key, by row."""

    by_row: Mapping[Identity, Score]
    unreadable_keys: tuple[str, ...] = ()
    """Keys that do not name a row in any known form."""
    legacy_keys: int = 0
    conflicting_keys: tuple[str, ...] = ()
    """Keys given twice with different values; their rows are ``unparsed``."""
    files: Mapping[str, SourceRead] = field(default_factory=dict)
    """What was read, by the name of the source; empty if there is no score file."""

    @property
    def file_found(self) -> bool:
        return bool(self.files)

    def score_of(self, row: Identity) -> Score:
        return self.by_row.get(row, NO_SCORE)


def read_scores(sources: KeySources, settings: Settings) -> Scores:
    """Read the score files of a key. A persona without one (a baseline) has no scores at all.

    Raises:
        RawDataError: a file exists but cannot be read as a score file.
    """
    paths = {source.name: source.path for source in sources.scores if is_there(source.path)}
    if not paths:
        return Scores({})
    key, rules = sources.key, RowRules.of(sources.layout.words(sources.key.kind), settings)
    with open_raw(paths, *_limit(sources, paths.values(), settings)) as files:
        scores = _collect(sources.layout.read_scores(files, key, rules), key.kind)
        return replace(scores, files={file.name: SourceRead.of(file) for file in files})


def _limit(sources: KeySources, paths: Iterable[Path], settings: Settings) -> tuple[int, str]:
    """The size limit and its setting: that of conversations if a score file holds conversations as well."""
    if {source.path for source in sources.conversations}.isdisjoint(paths):
        return settings.max_line_bytes, "PERSONA_MAX_LINE_BYTES"
    return settings.max_file_bytes, "PERSONA_MAX_FILE_BYTES"


def _collect(entries: Iterable[ScoreEntry], kind: Kind) -> Scores:
    values: dict[Identity, object] = {}
    by_row: dict[Identity, Score] = {}
    unreadable: list[str] = []
    conflicting: list[str] = []
    legacy = 0
    for entry in entries:
        row, value = entry.row, entry.value
        if row is None:
            unreadable.append(printable(entry.text))
            continue
        legacy += entry.legacy
        if row not in values:
            score = classify(value, kind)
            told = entry.coherence is not None or entry.verdict is not None
            values[row] = value
            by_row[row] = replace(score, coherence=entry.coherence, verdict=entry.verdict) if told else score
        elif repr(values[row]) != repr(value):
            by_row[row] = Score(ScoreStatus.UNPARSED)
            conflicting.append(entry.text)
    return Scores(by_row, tuple(unreadable), legacy, tuple(conflicting))


def classify(value: object, kind: Kind) -> Score:
    """Give a judge's value its status: a number on the scale, REFUSAL, or neither."""
    if value is None:
        return NO_SCORE
    if value == REFUSAL:
        return Score(ScoreStatus.REFUSAL)
    if type(value) is float:
        return _classify_fraction(value, kind)
    if type(value) is not int:
        return Score(ScoreStatus.UNPARSED)
    if value not in kind.scores:
        return Score(ScoreStatus.OUT_OF_RANGE)
    return Score(ScoreStatus.OK, value)


def _classify_fraction(value: float, kind: Kind) -> Score:
    """As a judge gives it who is asked for the likelihood of each score. 70.0 is 70."""
    if not math.isfinite(value):
        return Score(ScoreStatus.UNPARSED)
    if not 0 <= value <= kind.max_score:
        return Score(ScoreStatus.OUT_OF_RANGE)
    return Score(ScoreStatus.OK, int(value) if value.is_integer() else value)
