"""How long answers are: a histogram for each label, stacked by score band, and below them the percentiles."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.marks import (
    DASHED,
    Distribution,
    Numbers,
    Spread,
    Steps,
    describe,
    draw_percentiles,
    draw_steps,
    draw_upright,
)
from persona_assets.plots.panels import INK, SLATE, WARNING, Box, Panel, add_panel
from persona_assets.plots.plotted_rows import PlottedRows
from persona_assets.plots.scales import Scale, choose_bin_width, scale_counts, scale_rows
from persona_assets.plots.shared_axes import SharedAxes

ALL_COLOR = "#777777"
PROMPT_COLOR = "#c9c9c9"
MOST_PROMPTS = 6
"""With more system prompts, their answers have no rows."""
SPREADS = "tokens: line 5 to 95 %, box 25 to 75 %, stroke median"


@dataclass(frozen=True)
class LengthAxis:
    """The axis of tokens that all panels of a figure share."""

    scale: Scale
    bins: Numbers
    """Edges of the bins."""

    @property
    def width(self) -> int:
        return int(self.bins[1] - self.bins[0])


def fit_length_axis(rows: PlottedRows, shared: SharedAxes | None) -> LengthAxis:
    limit = max(rows.longest, shared.token_limit if shared else 0)
    width = choose_bin_width(limit)
    bins = np.arange(limit // width + 2, dtype=np.float64) * width
    scale = scale_counts(bins[-1], steps=6 if rows.scored else 12, title="tokens", headroom=1.0)
    return LengthAxis(scale, bins)


def draw_answers(
    figure: Figure,
    kind: Kind,
    places: Sequence[Box],
    labels: Sequence[PlottedRows],
    axis: LengthAxis,
    shared: SharedAxes | None,
) -> None:
    """Draw a panel for each label, all to one scale."""
    stacks = [_stack_bands(kind, rows, axis) for rows in labels]
    high = max(int(stack[-1].max()) for stack in stacks)
    y = scale_counts(max(high, shared.bin_limit if shared else 0), steps=max(2, 6 // len(labels)))
    colors = [band.color for band in BANDS[kind.name]] if any(rows.scored for rows in labels) else [SLATE]
    heading = f"answers per {axis.width:,} tokens"
    for place, rows, stack in zip(places, labels, stacks, strict=True):
        panel = add_panel(figure, place, axis.scale.unlabelled(), y, heading)
        layers = [
            Steps(axis.bins, heights, color) for heights, color in zip(stack[-len(colors) :], colors, strict=True)
        ]
        draw_steps(panel, layers[::-1])  # the whole stack first and lower parts over it, which leaves no seams
        _draw_marks(panel, rows)
        heading = ""


def _stack_bands(kind: Kind, rows: PlottedRows, axis: LengthAxis) -> Numbers:
    """Heights of the stack up to each band, of shape (bands, bins)."""
    counts = [np.histogram(of_band.answer_tokens, axis.bins)[0] for _, of_band in rows.by_band(kind)]
    stacked: Numbers = np.cumsum(counts, axis=0)
    return stacked


def _draw_marks(panel: Panel, rows: PlottedRows) -> None:
    if rows.answer_tokens.size:
        draw_upright(panel, float(np.median(rows.answer_tokens)), INK, DASHED)
    if rows.limit is not None and rows.cut.any():
        draw_upright(panel, rows.limit, WARNING, "solid")


def draw_spreads(figure: Figure, kind: Kind, place: Box, rows: PlottedRows, axis: LengthAxis) -> None:
    """Draw a row of percentiles for the answers of each label and score band, and for the prompts."""
    groups = [group for group in _list_groups(kind, rows) if group.tokens.size]
    names = [f"{group.name} ({group.tokens.size:,})" for group in groups]
    panel = add_panel(figure, place, axis.scale, scale_rows(names), SPREADS)
    spreads = [(row, group, describe(group.tokens)) for row, group in enumerate(groups)]
    draw_percentiles(panel, [Spread(row, of, group.color, 0.32) for row, group, of in spreads if of])
    for row, group, of in spreads:
        if of and group.color == PROMPT_COLOR:
            _write_median(panel, row, of, axis.scale.high)


def _write_median(panel: Panel, row: float, of: Distribution, high: float) -> None:
    """Write the median of prompts, which are often so short that nothing else can be seen of them."""
    on_the_right = of.p95 < high / 2
    x, side = (of.p95, "left") if on_the_right else (of.p5, "right")
    panel.label(x, row, f"  median {of.p50:,.0f}  ", ha=side, va="center_baseline")


@dataclass(frozen=True)
class _Group:
    name: str
    tokens: Numbers
    color: str


def _list_groups(kind: Kind, rows: PlottedRows) -> Iterator[_Group]:
    labels = list(rows.by_label())
    several = len(labels) > 1
    for name, of_label in labels:
        yield _Group(f"answers {name}" if several else "answers", of_label.answer_tokens, ALL_COLOR)
    if rows.scored:
        for band, of_band in rows.by_band(kind):
            name = band.label if band.low is None else f"score {band.label}"
            yield _Group(name, of_band.answer_tokens, band.color)
    elif not several:
        yield from _list_prompts(rows)
    for name, of_label in labels:
        yield _Group(f"prompts {name}" if several else "prompts", of_label.prompt_tokens, PROMPT_COLOR)


def _list_prompts(rows: PlottedRows) -> Iterator[_Group]:
    prompts = np.unique(rows.prompt)
    if 1 < prompts.size <= MOST_PROMPTS:
        for prompt in prompts.tolist():
            yield _Group(f"to prompt {prompt}", rows.answer_tokens[rows.prompt == prompt], SLATE)
