"""A few rows that are worth looking at: some of every label and score."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind

BANDS = 4
"""A long scale is divided into so many bands, lowest scores first."""
QUESTION_CHARACTERS = 120
ANSWER_CHARACTERS = 280

Preview = tuple[dict[str, Any], ...]


def preview(table: pa.Table, key: DatasetKey) -> Preview:
    """One row of every label and band of scores, and one that has no score, shortened."""
    return tuple(_shorten(table.slice(place, 1).to_pylist()[0]) for place in _choose(table, key.kind))


def _choose(table: pa.Table, kind: Kind) -> Iterator[int]:
    """The middle row of each group, because the first ones of every file are answers to the same question."""
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    rows = zip(table["label"].to_pylist(), table["extract_score"].to_pylist(), strict=True)
    for place, (label, score) in enumerate(rows):
        groups[label, _find_band(score, kind)].append(place)
    for group in sorted(groups, key=lambda group: (kind.row_labels.index(group[0]), -group[1])):
        yield groups[group][len(groups[group]) // 2]


def _find_band(score: int | None, kind: Kind) -> int:
    return -1 if score is None else min(score * BANDS // max(kind.max_score, BANDS - 1), BANDS - 1)


def _shorten(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "row": f"{row['label']}_p{row['prompt_index']}_q{row['question_index']}",
        "score": row["score_status"] if row["extract_score"] is None else row["extract_score"],
        "question": _cut(row["question"], QUESTION_CHARACTERS),
        "answer": _cut(row["messages"][-1]["content"], ANSWER_CHARACTERS),
    }


def _cut(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]} ..."
