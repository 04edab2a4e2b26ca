"""Conversations and tokens by score. The axis is numeric, with a separate place for rows without a score."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS, NO_SCORE_BAND, PlottedCounts
from persona_assets.plots.marks import Numbers, Steps, draw_steps
from persona_assets.plots.panels import FAINT, Box, add_panel, label
from persona_assets.plots.scales import Scale, SharedAxes, format_count, scale_counts

CONVERSATIONS = Box(5.7, 2.85, 4.1, 1.7)
TOKENS = Box(5.7, 0.6, 4.1, 1.65)
FEW_SCORES = 10
"""On shorter scales, there are gaps between the bars, and values are written on them."""


def draw_by_score(figure: Figure, kind: Kind, counts: PlottedCounts, shared: SharedAxes | None) -> None:
    """Draw both panels, on axes that hold this dataset and reach as far as the shared ones."""
    place = np.where(np.isnan(counts.scores), kind.max_score + 1, counts.scores).astype(np.int64)
    conversations = np.bincount(place, minlength=kind.max_score + 2)
    tokens = np.bincount(place, weights=counts.tokens, minlength=kind.max_score + 2)
    reach = (shared.conversations_limit, shared.tokens_limit) if shared else (0, 0)
    x = _scale_scores(kind)
    upper = scale_counts(max(conversations.max(), reach[0]))
    _draw_bars(add_panel(figure, CONVERSATIONS, x.unlabelled(), upper, "conversations by score"), kind, conversations)
    lower = scale_counts(max(tokens.max(), reach[1]))
    _draw_bars(add_panel(figure, TOKENS, x, lower, "tokens by score"), kind, tokens)


def _scale_scores(kind: Kind) -> Scale:
    ticks = range(0, kind.max_score + 1, 1 if _has_few_scores(kind) else 10)
    apart = _find_place_without_score(kind)
    margin = max(kind.max_score * 0.03, 0.8)
    title = f"{kind.name} score (0–{kind.max_score})"  # noqa: RUF001 - a range's dash
    return Scale(-margin, apart + margin, (*map(float, ticks), apart), (*map(str, ticks), "none"), title)


def _has_few_scores(kind: Kind) -> bool:
    return kind.max_score < FEW_SCORES


def _find_place_without_score(kind: Kind) -> float:
    return kind.max_score + max(kind.max_score * 0.11, 1.0)


def _draw_bars(axes: Axes, kind: Kind, values: Numbers) -> None:
    """Draw ``values``: one for each score on the scale, then one for the rows without a score."""
    apart = _find_place_without_score(kind)
    axes.axvline(0.6 * (kind.max_score + 0.5) + 0.4 * (apart - 0.5), color=FAINT, linewidth=0.8, linestyle=":")
    draw_steps(axes, [*_make_steps(kind, values), _make_bar(apart, values[-1], max(kind.max_score * 0.02, 0.4))])
    label(axes, apart, values[-1], format_count(values[-1]), va="bottom")
    for score in kind.scores if _has_few_scores(kind) else ():
        label(axes, score, values[score], format_count(values[score]), va="bottom")


def _make_steps(kind: Kind, values: Numbers) -> Iterator[Steps]:
    inset = 0.1 if _has_few_scores(kind) else 0.0
    for band in BANDS[kind.name]:
        if band.low is not None and band.high is not None:
            edges = np.arange(band.low, band.high + 2) - 0.5
            edges[[0, -1]] += inset, -inset
            yield Steps(edges, values[band.low : band.high + 1], band.color)


def _make_bar(place: float, height: float, half_width: float) -> Steps:
    return Steps(np.array([place - half_width, place + half_width]), np.array([height]), NO_SCORE_BAND.color)
