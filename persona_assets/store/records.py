"""Small JSON records beside the data: manifests, statistics, how the last work ended. One codec for all of them.

A record is a ``msgspec.Struct``. It is written with its fields in order and read back as the same type; what a file
holds instead is refused with the place where it differs, such as ``$.checks.schema.passed``.
"""

import json
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from persona_assets.errors import InconsistentOutputError, Producer
from persona_assets.json_nesting import parse_nested
from persona_assets.regular_files import read_regular

Record = TypeVar("Record", bound=msgspec.Struct)

MOST_BYTES = 2**28
"""Far more than any record has: the largest lists the entries of a score file, of 16 MiB by default."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")


def write_record(path: Path, record: msgspec.Struct) -> None:
    """Write ``record`` to ``path`` as indented JSON.

    Half of a surrogate pair, which cannot be encoded nor printed, is written as the six characters of its escape.
    """
    write_builtins(path, msgspec.to_builtins(record))


def write_builtins(path: Path, content: dict[str, Any]) -> None:
    """The same for a record that has been made into plain JSON values already."""
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    path.write_text(_HALF_PAIR.sub(lambda half: f"\\\\u{ord(half[0]):04x}", text), encoding="utf-8")


def read_record(path: Path, shape: type[Record], producer: Producer) -> Record:
    """Read a record that ``producer`` wrote.

    Raises:
        MissingInputError: it is not there.
        InconsistentOutputError: it is damaged; the message says where.
    """
    content = read_builtins(path, producer)
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as error:
        raise damaged(path, str(error), producer) from error


def read_builtins(path: Path, producer: Producer) -> dict[str, Any]:
    """Read the JSON object that ``producer`` wrote, of whatever shape.

    Raises:
        MissingInputError: it is not there.
        InconsistentOutputError: it is no JSON object, or not one that can be printed.
    """
    try:
        content = read_regular(path, MOST_BYTES)
        record: dict[str, Any] = parse_nested(content, lambda: json.loads(content.decode()))
        if rb"\ud" in content.lower():
            json.dumps(record, ensure_ascii=False).encode()
        return msgspec.convert(record, dict[str, Any])
    except FileNotFoundError as error:
        raise producer.missing(f"{path} is not there", path) from error
    except OSError as error:
        raise producer.inconsistent(f"{path} cannot be read: {error.strerror}", path, remove=True) from error
    except ValueError as error:  # of the JSON, its encoding, its nesting, or half a surrogate pair
        raise damaged(path, str(error), producer) from error


def damaged(path: Path, problem: str, producer: Producer) -> InconsistentOutputError:
    """The record at ``path``, which ``producer`` wrote, is not what was written."""
    return producer.inconsistent(f"{path} is damaged: {problem}", path, remove=True)
