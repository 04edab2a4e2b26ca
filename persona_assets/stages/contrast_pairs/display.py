"""How contrast_pairs looks in the UI."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownPath, ShownTable
from persona_assets.stage.wording import count
from persona_assets.stages.contrast_pairs.make import ContrastPairsMade

FIRST = 5


def show(made: ContrastPairsMade) -> Mapping[str, Shown]:
    index, matches = made.pairing.index, made.pairing.matches
    gaps = [gap for gap in index["gap"].to_pylist() if gap is not None]
    shown = {
        "summary": _summarise(made, gaps),
        "first_pairs": ShownTable(
            {
                "question": row["question"][:80],
                "positive": _name_cell(row, "positive"),
                "positive_score": row["positive_score"],
                "negative": _name_cell(row, "negative"),
                "negative_score": row["negative_score"],
            }
            for row in index.slice(0, FIRST).to_pylist()
        ),
        ROW_COUNT: index.num_rows,
        "rows_without_counterpart": len(matches.unmatched),
        "cells_with_two_questions": len(matches.other_question),
        "counterparts_left": matches.negatives_left,
        "path": ShownPath(made.path),
    }
    return shown | ({"baseline": str(made.baseline)} if made.baseline else {})


def _name_cell(pair: Mapping[str, Any], side: str) -> str:
    """The row of one side, as messages and score files write it."""
    return f"{pair[f'{side}_label']}_p{pair[f'{side}_prompt_index']}_q{pair[f'{side}_question_index']}"


def _summarise(made: ContrastPairsMade, gaps: list[float]) -> str:
    pairs = made.pairing.index.num_rows
    if not pairs:
        return "0 pairs"
    partner = f"with {made.baseline}" if made.baseline else "of its own rows"
    said = f"{count(pairs, 'pair')} {partner}"
    return f"{said}; the scores of {len(gaps):,} can be compared, median gap {median(gaps):g}" if gaps else said
