"""Small JSON records beside the data: ledgers, statistics."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from persona_assets.errors import InconsistentOutputError, MissingInputError


def write_json(path: Path, record: Mapping[str, Any]) -> None:
    """Write ``record`` to ``path``, indented, keys in the order given."""
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path, producer: str) -> dict[str, Any]:
    """Read a record that ``producer`` wrote.

    Raises:
        MissingInputError: it is not there.
        InconsistentOutputError: it is damaged.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingInputError(f"{path} is not there; materialise {producer} first") from error
    except (OSError, ValueError) as error:
        raise InconsistentOutputError(
            f"{path} cannot be read: {error}; remove it and materialise {producer} again"
        ) from error
    if not isinstance(record, dict):
        raise InconsistentOutputError(f"{path} holds no JSON object; remove it and materialise {producer} again")
    return record
