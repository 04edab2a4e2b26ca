"""Figures of more than one dataset: one persona under several models, and all personas of a model.

Each dataset has a row, which shows how long its conversations are and how they were scored.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.change_rows import ChangeChart, ChangeLayout, draw_changes, fit_changes
from persona_assets.plots.compared import Compared, find_change, list_labels, name_baselines
from persona_assets.plots.marks import draw_legend, draw_stroke_legend
from persona_assets.plots.panels import MARGIN, make_figure
from persona_assets.plots.statistics_rows import Chart, Row, RowLayout, draw_block, fit_height
from persona_assets.plots.words import name_persona

COMPARISON_LAYOUT = RowLayout(names=1.3, tokens=2.1, shares=2.0, number=0.5, changes=True, write_shares=True)
OVERVIEW_LAYOUT = RowLayout(names=1.5, tokens=1.5, shares=1.1, number=0.45)
CHANGE_LAYOUT = ChangeLayout(names=1.5, changes=1.6, number=0.5)
COMPARISON_ROW, ROW = 0.27, 0.135
"""Heights of a row of one part."""
HEADER, FOOTER = 1.05, 0.25
"""Room above and below the rows."""
LEGEND_DROP = 0.67
LEAST_WIDTH = 6.9
"""A single block is this wide, so that its figure fills a page like the figure of a dataset."""
MOST_ROWS = 72
"""Most rows of one part in one block; more personas are drawn in several blocks side by side."""
READING = "lines 5 to 95 %, boxes 25 to 75 %"


def draw_comparison(persona: str, kind: Kind, datasets: Sequence[Compared]) -> Figure:
    """Draw a row per dataset, in the order of ``datasets``: its lengths, and the share of each score band.

    ``datasets`` are that persona under one model each.
    """
    if not datasets:
        raise ValueError(f"nothing of {kind.name} {persona} to compare")
    title = f"{kind.name.capitalize()} {name_persona(persona)} under {_count(len(datasets), 'model')}"
    rows = [Row(one.model, one) for one in datasets]
    subtitle = _explain(datasets, "every model has its own tokenizer")
    return _draw_rows(title, subtitle, rows, COMPARISON_LAYOUT, COMPARISON_ROW)


def draw_overview(model: str, kind: Kind, datasets: Sequence[Compared]) -> Figure:
    """Draw a row per dataset, the longest median first: its lengths, and the share of each score band."""
    if not datasets:
        raise ValueError(f"nothing of any {kind.name} of {model} to draw")
    rows = sorted((Row(name_persona(one.persona), one) for one in datasets), key=_longest_first)
    title = f"{model}: {_count(len(rows), kind.name, kind.plural)}"
    conversations = sum(one.whole.conversations for one in datasets)
    tokens = sum(one.whole.tokens for one in datasets)
    subtitle = _explain(datasets, f"{conversations:,} conversations, {tokens:,} tokens; longest median first")
    return _draw_rows(title, subtitle, rows, OVERVIEW_LAYOUT, ROW)


def draw_differences(model: str, kind: Kind, datasets: Sequence[Compared]) -> Figure:
    """Draw a row per dataset that has a baseline: by how much its answers are longer, and its mean score.

    The first answers much longer than the baseline, the last much shorter.
    """
    rows = sorted((Row(name_persona(one.persona), one) for one in datasets if one.baseline), key=_most_changed_first)
    if not rows:
        raise ValueError(f"no {kind.name} of {model} has a baseline")
    title = f"{model}: answers of {kind.plural} against those of the model as itself"
    subtitle = f"change of the mean tokens of an answer against {name_baselines(datasets)}{_name_labels(datasets)}"
    layout = CHANGE_LAYOUT if _count_blocks(rows) > 1 else CHANGE_LAYOUT.widen(LEAST_WIDTH)
    frame = _Frame.of(rows, layout.width, ROW)
    figure = make_figure(frame.width, frame.height, title, subtitle)
    draw_legend(figure, BANDS[kind.name], f"mean {kind.name} score", MARGIN, frame.height - LEGEND_DROP)
    chart = ChangeChart(figure, kind, layout, frame.row, fit_changes(rows))
    for part, left in frame.blocks:
        draw_changes(chart, part, left, frame.height - HEADER)
    return figure


@dataclass(frozen=True)
class _Frame:
    """How rows are divided into blocks side by side, and how large a figure they fill."""

    blocks: Sequence[tuple[Sequence[Row], float]]
    """The rows of each, and its left side."""
    row: float
    width: float
    height: float

    @classmethod
    def of(cls, rows: Sequence[Row], width: float, row: float) -> "_Frame":
        """``width`` is that of a block, ``row`` the height of a row of one part."""
        count = _count_blocks(rows)
        length = math.ceil(len(rows) / count)
        fitted = fit_height(row, rows)
        blocks = [(rows[place * length : (place + 1) * length], MARGIN + place * width) for place in range(count)]
        return cls(blocks, fitted, count * width + 2 * MARGIN, HEADER + length * fitted + FOOTER)


def _count_blocks(rows: Sequence[Row]) -> int:
    """Rows of several parts are higher, so that fewer are one below the other."""
    most = MOST_ROWS * 2 // (1 + max(len(one.of.parts) for one in rows))
    return math.ceil(len(rows) / most)


def _draw_rows(title: str, subtitle: str, rows: Sequence[Row], layout: RowLayout, row: float) -> Figure:
    kind = rows[0].of.kind
    layout = layout if _count_blocks(rows) > 1 else layout.widen(LEAST_WIDTH)
    frame = _Frame.of(rows, layout.width, row)
    figure = make_figure(frame.width, frame.height, title, subtitle)
    end = draw_legend(figure, BANDS[kind.name], f"{kind.name} score", MARGIN, frame.height - LEGEND_DROP)
    if any(one.of.baseline for one in rows):
        draw_stroke_legend(figure, "median of the baseline", end, frame.height - LEGEND_DROP)
    chart = Chart(figure, kind, layout, frame.row, max(one.reach for one in rows))
    for part, left in frame.blocks:
        draw_block(chart, part, left, frame.height - HEADER)
    return figure


def _longest_first(row: Row) -> tuple[float, str]:
    lengths = row.of.whole.lengths
    return -(lengths.p50 if lengths else 0), row.name


def _most_changed_first(row: Row) -> tuple[float, str]:
    return -(find_change(row.of.parts[0], row.of.baseline) or 0), row.name


def _explain(datasets: Sequence[Compared], first: str) -> str:
    against = name_baselines(datasets)
    return f"{first}; {READING}{_name_labels(datasets)}" + (f"; answers against {against}" if against else "")


def _name_labels(datasets: Sequence[Compared]) -> str:
    names = list_labels(datasets)
    return f"; {' above '.join(names)}" if len(names) > 1 else ""


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
