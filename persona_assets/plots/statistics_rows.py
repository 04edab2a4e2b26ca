"""A block of rows, one per dataset: its name, the percentiles of its lengths, and the shares of its score bands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS, average_score, share_by_band
from persona_assets.plots.marks import Distribution, Numbers, draw_percentiles, draw_shares
from persona_assets.plots.panels import FAINT, INK, TEXT_SIZE, Box, add_panel, label, shorten, write
from persona_assets.plots.scales import scale_counts, scale_rows, scale_shares
from persona_assets.statistics.key_statistics import Summary

BOX_COLOR = "#8a9bb0"
UNKNOWN = "–"  # noqa: RUF001 - the usual dash for no value
NAME_GAP = 0.12
LEAST_WRITTEN_SHARE = 0.08
NUMBERS = 0.55
"""Width of the columns of medians and of mean scores, each."""


@dataclass(frozen=True)
class RowLayout:
    """Widths of a block's parts and the height of a row, in inches."""

    names: float
    tokens: float
    shares: float
    row: float
    write_shares: bool = False
    """Whether the larger shares are written on their bars."""

    @property
    def width(self) -> float:
        return self.names + self.tokens + self.shares + 2 * NUMBERS


@dataclass(frozen=True)
class Chart:
    """What all blocks of one figure share."""

    figure: Figure
    kind: Kind
    layout: RowLayout
    reach: float
    """Tokens that the token axis must reach."""


@dataclass(frozen=True)
class Row:
    """The name written beside a row, and the statistics it shows."""

    name: str
    summary: Summary

    @property
    def median(self) -> float | None:
        return self.summary.all.p50

    @property
    def distribution(self) -> Distribution | None:
        """None where there is no conversation."""
        points = [getattr(self.summary.all, point) for point in Distribution._fields]
        return None if None in points else Distribution(*points)

    @property
    def reach(self) -> float:
        """The largest number of tokens that is drawn."""
        return self.summary.all.p95 or 0.0


def draw_block(chart: Chart, rows: Sequence[Row], left: float, top: float) -> None:
    """Draw ``rows`` downwards from the upper left corner at ``left`` and ``top``."""
    layout = chart.layout
    height = layout.row * len(rows)
    place = Box(left + layout.names, top - height, layout.tokens, height)
    _draw_lengths(chart, rows, place)
    _draw_scores(chart, rows, place._replace(left=place.left + layout.tokens + NUMBERS, width=layout.shares))


def _draw_lengths(chart: Chart, rows: Sequence[Row], place: Box) -> None:
    font = FontProperties(size=TEXT_SIZE)
    names = [shorten(row.name, font, chart.layout.names - NAME_GAP) for row in rows]
    axes = add_panel(chart.figure, place, scale_counts(chart.reach, 4), scale_rows(names), "tokens per conversation")
    draw_percentiles(axes, [row.distribution for row in rows], [BOX_COLOR] * len(rows))
    _write_numbers(chart.figure, axes, place, "median", [_format_number(row.median, ",.0f") for row in rows])


def _draw_scores(chart: Chart, rows: Sequence[Row], place: Box) -> None:
    axes = add_panel(chart.figure, place, scale_shares(), scale_rows([""] * len(rows)), "share by score")
    shares = np.array([share_by_band(chart.kind, row.summary) for row in rows])
    draw_shares(axes, shares, [band.color for band in BANDS[chart.kind.name]])
    if chart.layout.write_shares:
        _write_shares(axes, chart.kind, shares)
    form = ".2f" if chart.kind.max_score < 10 else ".1f"
    means = [_format_number(average_score(row.summary), form) for row in rows]
    _write_numbers(chart.figure, axes, place, "mean", means)


def _write_shares(axes: Axes, kind: Kind, shares: Numbers) -> None:
    middles = np.cumsum(shares, axis=1) - shares / 2
    for row, part in np.argwhere(shares >= LEAST_WRITTEN_SHARE).tolist():
        color = "white" if BANDS[kind.name][part].dark else INK
        label(axes, middles[row, part], row, f"{shares[row, part]:.0%}", color=color, va="center_baseline")


def _write_numbers(figure: Figure, axes: Axes, place: Box, heading: str, numbers: Sequence[str]) -> None:
    """Write a number beside each row, in a column right of the panel."""
    column = place.width + NUMBERS - 0.12
    write(figure, place.left + column, place.bottom + place.height + 0.1, heading, ha="right", color=FAINT)
    for row, text in enumerate(numbers):
        beside = column / place.width
        label(axes, beside, row, text, transform=axes.get_yaxis_transform(), ha="right", va="center_baseline")


def _format_number(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else format(value, form)
