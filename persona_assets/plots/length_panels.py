"""How long conversations are: a histogram stacked by score band, and below it the percentiles of each band."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS, PlottedCounts
from persona_assets.plots.marks import Distribution, Numbers, Steps, draw_percentiles, draw_steps
from persona_assets.plots.panels import INK, Box, add_panel, label
from persona_assets.plots.scales import Scale, SharedAxes, choose_bin_width, scale_counts, scale_rows

HISTOGRAM = Box(1.3, 2.6, 3.8, 1.95)
BAND_ROWS = Box(1.3, 0.6, 3.8, 1.55)
ALL_COLOR = "#777777"
POINTS = (5, 25, 50, 75, 95)


def draw_lengths(figure: Figure, kind: Kind, counts: PlottedCounts, shared: SharedAxes | None) -> None:
    """Draw both panels, on axes that hold this dataset and reach as far as the shared ones."""
    groups = [counts.select_tokens(band) for band in BANDS[kind.name]]
    limit = max(int(counts.tokens.max(initial=0)), shared.token_limit if shared else 0)
    x = scale_counts(limit, steps=8, title="tokens per conversation")
    width = choose_bin_width(limit)
    edges = np.arange(0, limit + width + 1, width, dtype=np.float64)
    stacked = np.cumsum([np.histogram(tokens, edges)[0] for tokens in groups], axis=0)
    y = scale_counts(max(int(stacked.max()), shared.bin_limit if shared else 0))
    axes = add_panel(figure, HISTOGRAM, x.unlabelled(), y, f"conversations per {width:,} tokens")
    _draw_stack(axes, edges, stacked, [band.color for band in BANDS[kind.name]])
    _draw_median(axes, x, counts.tokens)
    _draw_bands(figure, x, kind, [counts.tokens, *groups])


def _draw_stack(axes: Axes, edges: Numbers, stacked: Numbers, colors: Sequence[str]) -> None:
    """Draw the whole stack first and the lower parts over it, which leaves no seams between them."""
    layers = [Steps(edges, heights, color) for heights, color in zip(stacked, colors, strict=True)]
    draw_steps(axes, layers[::-1])


def _draw_median(axes: Axes, x: Scale, tokens: Numbers) -> None:
    if not tokens.size:
        return
    median = float(np.median(tokens))
    axes.axvline(median, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    in_left_half = median < x.high / 2
    style = {"ha": "left" if in_left_half else "right", "transform": axes.get_xaxis_transform(), "va": "top"}
    label(axes, median, 1.0, f" median {median:,.0f} ", color=INK, **style)


def _draw_bands(figure: Figure, x: Scale, kind: Kind, groups: Sequence[Numbers]) -> None:
    names = ["all", *(band.label for band in BANDS[kind.name])]
    y = scale_rows([f"{name}  (n={tokens.size:,})" for name, tokens in zip(names, groups, strict=True)])
    axes = add_panel(figure, BAND_ROWS, x, y, f"percentiles 5 to 95, 25 to 75 and median by {kind.name} score")
    draw_percentiles(
        axes, [_describe(tokens) for tokens in groups], [ALL_COLOR, *(b.color for b in BANDS[kind.name])]
    )


def _describe(tokens: Numbers) -> Distribution | None:
    """The percentiles that are drawn of a group; None if it is empty."""
    return Distribution(*np.percentile(tokens, POINTS).tolist()) if tokens.size else None
