"""How conversations were scored: bars by score for each label, and what each minimum score keeps.

The axis of scores is numeric, with a separate place for rows without a score.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from persona_assets.keys import Variant
from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS, NO_SCORE_BAND
from persona_assets.plots.marks import (
    DOTTED,
    STYLES,
    Numbers,
    Steps,
    draw_line_legend,
    draw_path,
    draw_steps,
    draw_upright,
)
from persona_assets.plots.panels import FAINT, HEADING_GAP, INK, Box, Panel, add_panel
from persona_assets.plots.plotted_rows import PlottedRows
from persona_assets.plots.scales import Scale, format_count, scale_counts
from persona_assets.plots.score_bins import ScoreBins, choose_bins, count_kept, has_few_scores
from persona_assets.plots.shared_axes import SharedAxes

Labels = Sequence[tuple[str, PlottedRows]]
INSET = 0.08
"""Free space at both sides of a bar, in widths of a bin."""
TEXT_ROOM = 0.16
"""Inches that a number on a bar takes."""


def draw_scores(figure: Figure, kind: Kind, places: Sequence[Box], labels: Labels, shared: SharedAxes | None) -> None:
    """Draw the conversations of each label by score, all to one scale."""
    bins = _fit_bins(kind, labels, shared)
    stacks = [_stack_bands(kind, bins, rows) for _, rows in labels]
    unscored = [int(np.isnan(rows.scores).sum()) for _, rows in labels]
    high = max(*(int(stack[-1].max()) for stack in stacks), *unscored, shared.score_limit if shared else 0)
    y = scale_counts(high, steps=max(2, 6 // len(labels)), headroom=1 + 1.2 * TEXT_ROOM / places[0].height)
    heading = f"conversations by score{f', in steps of {bins.step}' if bins.step > 1 else ''}"
    for place, stack, without in zip(places, stacks, unscored, strict=True):
        panel = add_panel(figure, place, _scale_scores(kind).unlabelled(), y, heading)
        _draw_bars(panel, bins, stack, without)
        heading = ""


def draw_kept(figure: Figure, kind: Kind, place: Box, labels: Labels, shared: SharedAxes | None) -> None:
    """Draw how many conversations each minimum score keeps, a line per label."""
    kept = [count_kept(kind, rows.scores) for _, rows in labels]
    high = max(*(int(one[0]) for one in kept), shared.kept_limit if shared else 0)
    y = scale_counts(high, headroom=1 + 1.5 * TEXT_ROOM / place.height)
    panel = add_panel(figure, place, _scale_scores(kind), y, f"kept by minimum{' score' if len(labels) < 3 else ''}")
    for one, style in zip(kept, STYLES, strict=False):
        draw_path(panel, _trace(one), style)
    if len(labels) > 1:
        top = place.bottom + place.height + HEADING_GAP
        draw_line_legend(figure, [name for name, _ in labels], place.left + place.width, top)
    if has_few_scores(kind):
        for score in kind.scores:
            panel.label(score, kept[0][score], format_count(kept[0][score]), va="bottom")
    else:
        _mark_usual_minimum(panel, kind, [(name, one) for (name, _), one in zip(labels, kept, strict=True)])


def _fit_bins(kind: Kind, labels: Labels, shared: SharedAxes | None) -> ScoreBins:
    if shared:
        return ScoreBins(kind, shared.score_step)
    return choose_bins(kind, np.concatenate([rows.scores for _, rows in labels]))


def _stack_bands(kind: Kind, bins: ScoreBins, rows: PlottedRows) -> Numbers:
    """Heights of the stack up to each band of scores, of shape (bands, bins)."""
    counts = [bins.count(of_band.scores) for band, of_band in rows.by_band(kind) if band is not NO_SCORE_BAND]
    stacked: Numbers = np.cumsum(counts, axis=0)
    return stacked


def _scale_scores(kind: Kind) -> Scale:
    ticks = range(0, kind.max_score + 1, 1 if has_few_scores(kind) else 20)
    apart = _find_place_without_score(kind)
    margin = max(kind.max_score * 0.04, 0.8)
    title = f"{kind.name} score (0–{kind.max_score})"  # noqa: RUF001 - a range's dash
    return Scale(-margin, apart + margin, (*map(float, ticks), apart), (*map(str, ticks), "none"), title)


def _find_place_without_score(kind: Kind) -> float:
    return kind.max_score + max(kind.max_score * 0.15, 1.0)


def _draw_bars(panel: Panel, bins: ScoreBins, stack: Numbers, unscored: int) -> None:
    """Draw a bar for each bin, and apart from them one for the rows without a score."""
    kind = bins.kind
    apart, few = _find_place_without_score(kind), has_few_scores(kind)
    draw_upright(panel, 0.6 * (kind.max_score + bins.step / 2) + 0.4 * (apart - 0.5), FAINT, DOTTED)
    colors = [band.color for band in BANDS[kind.name]]
    edges = np.column_stack([bins.edges[:-1] + INSET * bins.step, bins.edges[1:] - INSET * bins.step]).ravel()
    layers = [Steps(edges, _set_apart(heights), color) for heights, color in zip(stack, colors, strict=False)][::-1]
    half = max(kind.max_score * 0.02, 0.4)
    draw_steps(panel, [*layers, Steps(np.array([apart - half, apart + half]), np.array([unscored]), colors[-1])])
    panel.label(apart, unscored, format_count(unscored), va="bottom")
    for score in kind.scores if few else ():
        panel.label(score, stack[-1][score], format_count(stack[-1][score]), va="bottom")


def _set_apart(heights: Numbers) -> Numbers:
    """Heights between the edges of bars that do not touch: 0 between two bars."""
    apart: Numbers = np.column_stack([heights, np.zeros_like(heights)]).ravel()[:-1]
    return apart


def _trace(kept: Numbers) -> Numbers:
    """The corners of a line that is level around each score."""
    edges = np.arange(kept.size + 1) - 0.5
    return np.column_stack([np.repeat(edges, 2)[1:-1], np.repeat(kept, 2)])


def _mark_usual_minimum(panel: Panel, kind: Kind, kept: Sequence[tuple[str, Numbers]]) -> None:
    """Say what the minimum keeps that variants of this kind usually have."""
    minimums = [Variant.parse(text, kind).min_score for text in kind.default_variants]
    for minimum in filter(None, minimums):
        draw_upright(panel, minimum, FAINT, DOTTED, reach=0.85)
        said = ", ".join(f"{format_count(one[minimum])} {name}".strip() for name, one in kept)
        panel.label(1, 0.99, f"min{minimum} keeps {said}", panel.shares, color=INK, va="top", ha="right")
