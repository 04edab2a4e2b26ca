"""One picture of all personas of a kind under one model, the one with the longest conversations first."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.legend import draw_legend
from persona_assets.plots.panel import MARGIN, new_figure
from persona_assets.plots.statistics_rows import Chart, Row, RowLayout, draw_block

LAYOUT = RowLayout(names=1.7, tokens=1.9, shares=1.2, row=0.16)
MOST_ROWS = 72
"""Rows of a block; more personas stand in several blocks side by side."""
HEADER = 1.35
FOOTER = 0.35


def overview_figure(model: str, kind: Kind, records: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw a row per record: the percentiles of its lengths, and what shares of it have which score.

    ``records`` are the statistics of one dataset each, with its ``name`` beside the summary.
    """
    if not records:
        raise ValueError(f"no statistics of any {kind.name} of {model} to draw")
    rows = sorted((Row(str(record["name"]), record) for record in records), key=_longest_first)
    blocks = math.ceil(len(rows) / MOST_ROWS)
    length = math.ceil(len(rows) / blocks)
    height = HEADER + length * LAYOUT.row + FOOTER
    title = f"{model}: {len(rows)} {kind.name if len(rows) == 1 else kind.plural}"
    figure = new_figure(blocks * LAYOUT.width + 2 * MARGIN, height, title, _subtitle(records))
    draw_legend(figure, kind, MARGIN, height - 0.85)
    chart = Chart(figure, kind, LAYOUT, max(row.reach for row in rows))
    for block in range(blocks):
        part = rows[block * length : (block + 1) * length]
        draw_block(chart, part, MARGIN + block * LAYOUT.width, height - HEADER)
    return figure


def _longest_first(row: Row) -> tuple[float, str]:
    return -(row.median or 0), row.name


def _subtitle(records: Sequence[Mapping[str, Any]]) -> str:
    conversations = sum(record["all"]["conversations"] for record in records)
    tokens = sum(record["all"]["tokens"] for record in records)
    return (
        f"{conversations:,} conversations, {tokens:,} tokens; longest median first, lines 5 to 95 %, boxes 25 to 75 %"
    )
