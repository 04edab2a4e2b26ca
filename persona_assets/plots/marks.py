"""What figures show: stepped areas, percentile bars, share bars and the legend.

All marks of one sort are drawn as one collection, however many they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.panels import INK, Line, write

Numbers = npt.NDArray[Any]

BOX_HALF_HEIGHT = 0.3
LEGEND_SQUARE = 0.11
LEGEND_STEP = 0.74
LEGEND_INTRODUCTION = 0.78


@dataclass(frozen=True)
class Steps:
    """An area from zero up to ``heights``, each between two of ``edges``."""

    edges: Numbers
    heights: Numbers
    color: str

    def outline(self) -> Numbers:
        """Its corners, of shape (corners, 2)."""
        x = np.repeat(self.edges, 2)
        y = np.concatenate([[0.0], np.repeat(self.heights, 2), [0.0]])
        return np.column_stack([x, y])


class Distribution(NamedTuple):
    """Percentiles of the tokens of some conversations."""

    p5: float
    p25: float
    p50: float
    p75: float
    p95: float


def draw_steps(axes: Axes, areas: Sequence[Steps]) -> None:
    """Draw areas, later ones over earlier ones."""
    _fill(axes, [area.outline() for area in areas], [area.color for area in areas])


def draw_percentiles(axes: Axes, distributions: Sequence[Distribution | None], colors: Sequence[str]) -> None:
    """Draw a row for each: a line from p5 to p95, a box from p25 to p75, a stroke at the median; nothing for None."""
    every = enumerate(zip(distributions, colors, strict=True))
    rows = [(row, one, color) for row, (one, color) in every if one is not None]
    _lines(axes, [((one.p5, row), (one.p95, row)) for row, one, _ in rows], [color for *_, color in rows], 1.4)
    boxes = [outline_rectangle(one.p25, one.p75, row, BOX_HALF_HEIGHT) for row, one, _ in rows]
    _fill(axes, boxes, [color for *_, color in rows])
    reach = BOX_HALF_HEIGHT + 0.1
    medians = [((one.p50, row - reach), (one.p50, row + reach)) for row, one, _ in rows]
    for color, width in (("white", 2.8), (INK, 1.3)):  # a light rim makes it visible on dark colours too
        _lines(axes, medians, color, width)


def draw_shares(axes: Axes, shares: Numbers, colors: Sequence[str]) -> None:
    """Draw a bar for each row of ``shares``, of shape (rows, colors), with its parts side by side."""
    ends = np.cumsum(shares, axis=1)
    parts = [
        (outline_rectangle(ends[row, part] - shares[row, part], ends[row, part], row, BOX_HALF_HEIGHT), colors[part])
        for row, part in zip(*np.nonzero(shares), strict=True)
    ]
    _fill(axes, [corners for corners, _ in parts], [color for _, color in parts])


def draw_legend(figure: Figure, kind: Kind, left: float, bottom: float) -> None:
    """Show which colour is which band, in one row that begins at this place (in inches)."""
    bands = BANDS[kind.name]
    write(figure, left, bottom, f"{kind.name} score")
    places = [left + LEGEND_INTRODUCTION + LEGEND_STEP * place for place in range(len(bands))]
    half = LEGEND_SQUARE / 2
    corners = [outline_rectangle(x, x + LEGEND_SQUARE, bottom + half, half) for x in places]
    squares = [square / figure.get_size_inches() for square in corners]
    colors = [band.color for band in bands]
    figure.add_artist(PolyCollection(squares, facecolors=colors, linewidths=0, transform=figure.transFigure))
    for x, band in zip(places, bands, strict=True):
        write(figure, x + LEGEND_SQUARE + 0.05, bottom, band.label)


def _lines(axes: Axes, lines: Sequence[Line], colors: str | Sequence[str], width: float) -> None:
    axes.add_collection(LineCollection(lines, colors=colors, linewidths=width, zorder=2), autolim=False)


def outline_rectangle(left: float, right: float, row: float, half_height: float) -> Numbers:
    """The corners of a rectangle centred on ``row``, of shape (4, 2)."""
    low, high = row - half_height, row + half_height
    return np.array([(left, low), (left, high), (right, high), (right, low)], np.float64)


def _fill(axes: Axes, outlines: Sequence[Numbers], colors: Sequence[str]) -> None:
    axes.add_collection(PolyCollection(outlines, facecolors=colors, linewidths=0, zorder=2), autolim=False)
