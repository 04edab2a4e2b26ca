"""Score files that are one JSON object, in which the name of each row has the judge's value."""

import json
from typing import Any

from persona_assets.errors import RawDataError
from persona_assets.json_nesting import parse_nested
from persona_assets.raw.files import BYTE_ORDER_MARK, RawFile
from persona_assets.raw.rows import RowRules

LONGEST_NUMBER = 1000
OFF_EVERY_SCALE = 2**64
MOST_COMMAS = 100
"""For each prompt and question: an entry has one, and the text of a judge who was not brief a few."""


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with its duplicate keys still in it."""


def score_pairs(file: RawFile, rules: RowRules) -> list[tuple[str, Any]]:
    """Read every entry of a score file, in order, including repeated ones.

    Raises:
        RawDataError: the file is not one JSON object, or holds more than a judge would write.
    """
    content = file.read()
    _refuse_too_many(file, content, rules)
    pairs = _load(file, content.removeprefix(BYTE_ORDER_MARK))
    if not isinstance(pairs, _Pairs):
        found = type(pairs).__name__
        raise _damaged(file, f"{file.path}, line 1: holds {found}, not an object of scores; write it again")
    return pairs


def _refuse_too_many(file: RawFile, content: bytes, rules: RowRules) -> None:
    """By its commas, before any of its values, which take many times their bytes, is made."""
    most = MOST_COMMAS * rules.different_cells
    if content.count(b",") > most:
        raise _damaged(
            file,
            f"{file.path} has more than {most:,} commas, although it scores at most {rules.different_cells:,} rows; "
            "write the score file again",
        )


def _load(file: RawFile, content: bytes) -> Any:
    path = file.path
    try:
        text = content.decode()
        return parse_nested(content, lambda: json.loads(text, object_pairs_hook=_Pairs, parse_int=_parse_int))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _damaged(file, f"{path}, line {line}: invalid UTF-8; write the score file again") from error
    except json.JSONDecodeError as error:
        raise _damaged(
            file,
            f"{path}, line {error.lineno}: {error.msg}; write the score file again, or remove it "
            "to publish the conversations without scores",
        ) from error
    except ValueError as error:
        raise _damaged(file, f"{path}: {str(error)[:200]}; write the score file again") from error


def _parse_int(digits: str) -> int:
    """Replace a very long number, which Python refuses to parse, by one that is off every scale as well."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else OFF_EVERY_SCALE


def _damaged(file: RawFile, problem: str) -> RawDataError:
    return RawDataError(problem).about(path=file.path)
