"""The judge's scores of one persona, strictly read: every value ends in exactly one status."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from persona_assets.errors import RawDataError
from persona_assets.json_nesting import parse_nested
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.files import BYTE_ORDER_MARK, is_there, open_raw
from persona_assets.raw.rows import RowRules, printable
from persona_assets.raw.stamps import Stamp
from persona_assets.settings import Settings

REFUSAL = "REFUSAL"
LONGEST_NUMBER = 1000
OFF_EVERY_SCALE = 2**64
MOST_COMMAS = 100
"""For each row that can be scored: an entry has one, and the text of a judge who was not brief a few."""

RowIndex = tuple[str, int, int]
"""(label, prompt_index, question_index)"""

_SCORE_KEY = re.compile(r"(?P<label>[a-z]+)_(?:p(?P<prompt>\d{1,6})_q)?(?P<question>\d{1,6})", re.ASCII)


class ScoreStatus(StrEnum):
    """What the judge's verdict on a row is. Only ``ok`` comes with a score."""

    OK = "ok"
    REFUSAL = "refusal"
    MISSING = "missing"
    UNPARSED = "unparsed"
    OUT_OF_RANGE = "out_of_range"


@dataclass(frozen=True)
class Score:
    status: ScoreStatus
    value: int | None = None


NO_SCORE = Score(ScoreStatus.MISSING)


@dataclass(frozen=True)
class Scores:
    """All scores of one file, by row."""

    by_row: Mapping[RowIndex, Score]
    unreadable_keys: tuple[str, ...] = ()
    """Keys that name no row in any known form."""
    legacy_keys: int = 0
    conflicting_keys: tuple[str, ...] = ()
    """Keys given twice with different values; their rows are ``unparsed``."""
    sha256: str | None = None
    """Of the score file; None if there is none."""
    stamp: Stamp | None = None

    @property
    def file_found(self) -> bool:
        return self.sha256 is not None

    def of(self, row: RowIndex) -> Score:
        return self.by_row.get(row, NO_SCORE)


def read_scores(path: Path, key: DatasetKey, settings: Settings) -> Scores:
    """Read a score file. A persona without one (a baseline) has no scores at all.

    Raises:
        RawDataError: the file is there but cannot be read as a JSON object of scores.
    """
    if not is_there(path):
        return Scores({})
    with open_raw(path, settings.max_line_bytes, "PERSONA_MAX_LINE_BYTES") as file:
        content = file.read()
        _refuse_too_many(path, content, RowRules.of(key.kind, settings))
        sha256, stamp = hashlib.sha256(content).hexdigest(), file.stamp
    scores = _collect(_load_pairs(path, content.removeprefix(BYTE_ORDER_MARK)), key.kind)
    return replace(scores, sha256=sha256, stamp=stamp)


def _refuse_too_many(path: Path, content: bytes, rules: RowRules) -> None:
    """By its commas, before any of its values, which take many times their bytes, is made."""
    most = MOST_COMMAS * rules.different_rows
    if content.count(b",") > most:
        raise RawDataError(
            f"{path} has more than {most:,} commas, although it scores at most {rules.different_rows:,} rows; "
            "write the score file again"
        )


def _load_pairs(path: Path, content: bytes) -> list[tuple[str, Any]]:
    try:
        text = content.decode()
        pairs = parse_nested(content, lambda: json.loads(text, object_pairs_hook=_Pairs, parse_int=_parse_int))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RawDataError(f"{path}, line {line}: invalid UTF-8; write the score file again") from error
    except json.JSONDecodeError as error:
        raise RawDataError(
            f"{path}, line {error.lineno}: {error.msg}; write the score file again, or remove it "
            "to publish the conversations without scores"
        ) from error
    except ValueError as error:
        raise RawDataError(f"{path}: {str(error)[:200]}; write the score file again") from error
    if not isinstance(pairs, _Pairs):
        raise RawDataError(f"{path}, line 1: holds {type(pairs).__name__}, not an object of scores; write it again")
    return pairs


def _parse_int(digits: str) -> int:
    """Python refuses to parse very long numbers; all of them are off every scale alike."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else OFF_EVERY_SCALE


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its duplicate keys still in it."""


def _collect(pairs: list[tuple[str, Any]], kind: Kind) -> Scores:
    values: dict[RowIndex, Any] = {}
    by_row: dict[RowIndex, Score] = {}
    unreadable: list[str] = []
    conflicting: list[str] = []
    legacy = 0
    for text, value in pairs:
        match = _SCORE_KEY.fullmatch(text)
        label = kind.legacy_labels.get(match["label"], match["label"]) if match else ""
        if not match or label not in kind.labels:
            unreadable.append(printable(text))
            continue
        legacy += match["prompt"] is None or label != match["label"]
        row = (label, int(match["prompt"] or 0), int(match["question"]))
        if row not in values:
            values[row], by_row[row] = value, classify(value, kind)
        elif repr(values[row]) != repr(value):
            by_row[row] = Score(ScoreStatus.UNPARSED)
            conflicting.append(text)
    return Scores(by_row, tuple(unreadable), legacy, tuple(conflicting))


def classify(value: object, kind: Kind) -> Score:
    """Give a judge's value its status: an integer on the scale, REFUSAL, or neither."""
    if value is None:
        return NO_SCORE
    if value == REFUSAL:
        return Score(ScoreStatus.REFUSAL)
    if type(value) is not int:
        return Score(ScoreStatus.UNPARSED)
    if value not in kind.scores:
        return Score(ScoreStatus.OUT_OF_RANGE)
    return Score(ScoreStatus.OK, value)
