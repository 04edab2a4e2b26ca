"""Writing lines of JSON, and saying of which rows a pair is."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from persona_assets.steering.answers import AnswerPair

_IDENTITY = (
    "question",
    *(f"{side}_{name}" for side in ("positive", "negative") for name in ("dataset", "row", "score")),
)


def describe_pair(pair: AnswerPair) -> dict[str, Any]:
    """Where a pair is from: its question, and dataset, row and score of both sides."""
    return {name: pair.row[name] for name in _IDENTITY}


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> int:
    """Write an object per line; return how many."""
    number = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            number += 1
    return number
