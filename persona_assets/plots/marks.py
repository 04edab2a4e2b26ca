"""What panels show: stepped areas, percentile bars and share bars. Each is one collection, however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from persona_assets.plots.panel import INK, Line

Numbers = npt.NDArray[Any]

BOX_HALF_HEIGHT = 0.3


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


def draw_steps(axes: Axes, areas: Sequence[Steps]) -> None:
    """Draw areas, later ones over earlier ones."""
    _fill(axes, [area.outline() for area in areas], [area.color for area in areas])


def draw_percentiles(axes: Axes, descriptions: Sequence[Mapping[str, Any]], colors: Sequence[str]) -> None:
    """A row each: a line from p5 to p95, a box from p25 to p75, a stroke at the median; nothing without rows."""
    rows = [(row, one, color) for row, (one, color) in enumerate(zip(descriptions, colors, strict=True))]
    rows = [(row, one, color) for row, one, color in rows if one["conversations"]]
    _lines(axes, [((one["p5"], row), (one["p95"], row)) for row, one, _ in rows], [color for *_, color in rows], 1.4)
    boxes = [rectangle(one["p25"], one["p75"], row, BOX_HALF_HEIGHT) for row, one, _ in rows]
    _fill(axes, boxes, [color for *_, color in rows])
    reach = BOX_HALF_HEIGHT + 0.1
    medians = [((one["p50"], row - reach), (one["p50"], row + reach)) for row, one, _ in rows]
    for color, width in (("white", 2.8), (INK, 1.3)):  # a light rim, to be seen on dark colours too
        _lines(axes, medians, color, width)


def draw_shares(axes: Axes, shares: Numbers, colors: Sequence[str]) -> None:
    """A row per row of ``shares``, of shape (rows, colors): parts side by side, together 1."""
    ends = np.cumsum(shares, axis=1)
    parts = [
        (rectangle(ends[row, part] - shares[row, part], ends[row, part], row, BOX_HALF_HEIGHT), colors[part])
        for row, part in zip(*np.nonzero(shares), strict=True)
    ]
    _fill(axes, [corners for corners, _ in parts], [color for _, color in parts])


def _lines(axes: Axes, lines: Sequence[Line], colors: str | Sequence[str], width: float) -> None:
    axes.add_collection(LineCollection(lines, colors=colors, linewidths=width, zorder=2), autolim=False)


def rectangle(left: float, right: float, row: float, half_height: float) -> Numbers:
    """Its corners, of shape (4, 2)."""
    low, high = row - half_height, row + half_height
    return np.array([(left, low), (left, high), (right, high), (right, low)], np.float64)


def _fill(axes: Axes, outlines: Sequence[Numbers], colors: Sequence[str]) -> None:
    axes.add_collection(PolyCollection(outlines, facecolors=colors, linewidths=0, zorder=2), autolim=False)
