"""Small JSON records beside the data: ledgers, statistics, how the last work ended."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.json_nesting import parse_nested
from persona_assets.regular_files import read_regular

MOST_BYTES = 2**28
"""Far more than any record has: the largest lists the entries of a score file, of 16 MiB by default."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def write_json(path: Path, record: Mapping[str, Any]) -> None:
    """Write ``record`` to ``path``, indented, keys in the order given.

    Half of a surrogate pair, which cannot be encoded nor printed, is written as the six characters of its escape.
    """
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    path.write_text(_HALF_PAIR.sub(lambda half: f"\\\\u{ord(half[0]):04x}", text), encoding="utf-8")


def read_json(path: Path, producer: str, shape: Any = dict[str, Any]) -> dict[str, Any]:
    """Read a record that ``producer`` wrote.

    Args:
        shape: what the record must hold at least, as a type that msgspec knows.

    Raises:
        MissingInputError: it is not there.
        InconsistentOutputError: it is damaged; the message says where.
    """
    try:
        content = read_regular(path, MOST_BYTES)
        record: dict[str, Any] = parse_nested(content, lambda: json.loads(content.decode()))
        if rb"\ud" in content.lower():
            json.dumps(record, ensure_ascii=False).encode()
        msgspec.convert(record, shape)
    except FileNotFoundError as error:
        raise MissingInputError(f"{path} is not there; materialise {producer} first") from error
    except OSError as error:
        raise InconsistentOutputError(f"{path} cannot be read: {error.strerror}; {_mend(producer)}") from error
    except ValueError as error:  # of the JSON, its encoding, its nesting, half a surrogate pair, or the shape
        raise damaged(path, str(error), producer) from error
    return record


def damaged(path: Path, problem: str, producer: str) -> InconsistentOutputError:
    """The record at ``path``, which ``producer`` wrote, is not what was written."""
    return InconsistentOutputError(f"{path} is damaged: {problem}; {_mend(producer)}")


def _mend(producer: str) -> str:
    return f"remove it and materialise {producer} again"
