"""Figures of more than one dataset: one persona under several models, and all personas of a model.

Each dataset has a row, which shows how long its conversations are and how they were scored.
"""

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.marks import draw_legend
from persona_assets.plots.panels import MARGIN, make_figure
from persona_assets.plots.statistics_rows import Chart, Row, RowLayout, draw_block
from persona_assets.statistics.key_statistics import KeyStatistics

COMPARISON_LAYOUT = RowLayout(names=1.9, tokens=3.4, shares=2.9, row=0.36, write_shares=True)
COMPARISON_HEADER = 1.4
COMPARISON_FOOTER = 0.4
OVERVIEW_LAYOUT = RowLayout(names=1.7, tokens=1.9, shares=1.2, row=0.16)
OVERVIEW_HEADER = 1.35
OVERVIEW_FOOTER = 0.35
MOST_ROWS = 72
"""Most rows in one block of an overview; more personas are drawn in several blocks side by side."""


def draw_comparison(persona: str, kind: Kind, datasets: Sequence[KeyStatistics]) -> Figure:
    """Draw a row per dataset, in the order of ``datasets``: its lengths, and the share of each score band.

    ``datasets`` are the statistics of that persona under one model each.
    """
    if not datasets:
        raise ValueError(f"no statistics of {kind.name} {persona} to compare")
    rows = [Row(one.model, one.summary) for one in datasets]
    height = COMPARISON_HEADER + len(rows) * COMPARISON_LAYOUT.row + COMPARISON_FOOTER
    subtitle = "lines 5 to 95 %, boxes 25 to 75 %; every model's tokens are those of its own tokenizer"
    title = f"{kind.name} {persona} under {len(rows)} {'model' if len(rows) == 1 else 'models'}"
    figure = make_figure(COMPARISON_LAYOUT.width + 2 * MARGIN, height, title, subtitle)
    draw_legend(figure, kind, MARGIN, height - 0.87)
    draw_block(
        Chart(figure, kind, COMPARISON_LAYOUT, max(row.reach for row in rows)),
        rows,
        MARGIN,
        height - COMPARISON_HEADER,
    )
    return figure


def draw_overview(model: str, kind: Kind, datasets: Sequence[KeyStatistics]) -> Figure:
    """Draw a row per dataset, the longest median first: its lengths, and the share of each score band."""
    if not datasets:
        raise ValueError(f"no statistics of any {kind.name} of {model} to draw")
    rows = sorted((Row(one.name, one.summary) for one in datasets), key=_longest_first)
    blocks = math.ceil(len(rows) / MOST_ROWS)
    length = math.ceil(len(rows) / blocks)
    height = OVERVIEW_HEADER + length * OVERVIEW_LAYOUT.row + OVERVIEW_FOOTER
    title = f"{model}: {len(rows)} {kind.name if len(rows) == 1 else kind.plural}"
    figure = make_figure(blocks * OVERVIEW_LAYOUT.width + 2 * MARGIN, height, title, _write_subtitle(datasets))
    draw_legend(figure, kind, MARGIN, height - 0.85)
    chart = Chart(figure, kind, OVERVIEW_LAYOUT, max(row.reach for row in rows))
    for block in range(blocks):
        part = rows[block * length : (block + 1) * length]
        draw_block(chart, part, MARGIN + block * OVERVIEW_LAYOUT.width, height - OVERVIEW_HEADER)
    return figure


def _longest_first(row: Row) -> tuple[float, str]:
    return -(row.median or 0), row.name


def _write_subtitle(datasets: Sequence[KeyStatistics]) -> str:
    conversations = sum(one.all.conversations for one in datasets)
    tokens = sum(one.all.tokens for one in datasets)
    return (
        f"{conversations:,} conversations, {tokens:,} tokens; longest median first, lines 5 to 95 %, boxes 25 to 75 %"
    )
