"""What figures show: stepped areas, percentiles, bars, lines and the legend.

All marks of one sort are drawn as one collection, however many they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from persona_assets.plots.bands import Band
from persona_assets.plots.panels import BASELINE_COLOR, INK, TEXT_SIZE, Line, Panel, measure_width, write

Numbers = npt.NDArray[Any]

BOX_HALF_HEIGHT = 0.3
POINTS = (5, 25, 50, 75, 95)
LEGEND_SQUARE = 0.1
LEGEND_GAP, LEGEND_LINE, LINE_GAP = 0.14, 0.19, 0.08
LineStyle = str | tuple[float, tuple[float, ...]]
SOLID, DASHED, DOTTED = "solid", (0, (4, 3)), (0, (1, 2))
STYLES: tuple[LineStyle, ...] = (SOLID, DASHED, DOTTED)
"""Of the lines of the first, the second and the third label."""


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


@dataclass(frozen=True)
class Spread:
    """A distribution, and the row in which it is drawn."""

    row: float
    of: Distribution
    color: str
    half_height: float = BOX_HALF_HEIGHT


class Bar(NamedTuple):
    """A horizontal bar from ``start`` to ``end``."""

    row: float
    start: float
    end: float
    color: str
    half_height: float = BOX_HALF_HEIGHT


def describe(values: Numbers) -> Distribution | None:
    """The percentiles of some numbers; None if there are none."""
    return Distribution(*np.percentile(values, POINTS).tolist()) if values.size else None


def draw_steps(panel: Panel, areas: Sequence[Steps]) -> None:
    """Draw areas, later ones over earlier ones."""
    panel.fill([area.outline() for area in areas], [area.color for area in areas])


def draw_percentiles(panel: Panel, boxes: Sequence[Spread]) -> None:
    """Draw for each a line from p5 to p95, a box from p25 to p75, and a stroke at the median."""
    _lines(panel, [((one.of.p5, one.row), (one.of.p95, one.row)) for one in boxes], [one.color for one in boxes], 1.2)
    draw_bars(panel, [Bar(one.row, one.of.p25, one.of.p75, one.color, one.half_height) for one in boxes])
    for color, width in (("white", 2.6), (INK, 1.2)):  # a light rim makes it visible on dark colours too
        _lines(panel, [_stroke(one.of.p50, one.row, 1.3 * one.half_height) for one in boxes], color, width)


def draw_strokes(panel: Panel, places: Sequence[tuple[float, float]], half_height: float) -> None:
    """Draw a stroke at each place (in data coordinates) in the colour of a baseline."""
    for color, width in (("white", 2.6), (BASELINE_COLOR, 1.4)):
        _lines(panel, [_stroke(x, row, half_height) for x, row in places], color, width)


def draw_path(panel: Panel, corners: Numbers, style: LineStyle) -> None:
    """Draw a line through ``corners``, of shape (corners, 2)."""
    panel.draw_lines([corners], colors=INK, linewidths=1.1, linestyles=[style], zorder=3)


def draw_upright(panel: Panel, place: float, color: str, style: LineStyle, reach: float = 1.0) -> None:
    """Draw a line from the bottom of a panel up to a share of its height, with a light rim."""
    line = [((place, 0.0), (place, reach))]
    for rim, width, of_line in (("white", 1.8, SOLID), (color, 0.9, style)):
        panel.draw_lines(line, panel.upright, colors=rim, linewidths=width, linestyles=[of_line], zorder=2.5)


def draw_bars(panel: Panel, bars: Sequence[Bar]) -> None:
    """Draw horizontal bars."""
    outlines = [outline_rectangle(bar.start, bar.end, bar.row, bar.half_height) for bar in bars]
    panel.fill(outlines, [bar.color for bar in bars])


def draw_legend(figure: Figure, bands: Sequence[Band], heading: str, left: float, bottom: float) -> float:
    """Show which colour is which band, in one row that begins at this place (in inches); return where it ends."""
    write(figure, left, bottom, heading)
    font = FontProperties(size=TEXT_SIZE)
    left += measure_width(heading, font) + LEGEND_GAP
    half, squares = LEGEND_SQUARE / 2, []
    for band in bands:
        squares.append(outline_rectangle(left, left + LEGEND_SQUARE, bottom + half, half))
        write(figure, left + LEGEND_SQUARE + 0.05, bottom, band.label)
        left += LEGEND_SQUARE + 0.05 + measure_width(band.label, font) + LEGEND_GAP
    places = [square / figure.get_size_inches() for square in squares]
    colors = [band.color for band in bands]
    figure.add_artist(PolyCollection(places, facecolors=colors, linewidths=0, transform=figure.transFigure))
    return left


def draw_stroke_legend(figure: Figure, name: str, left: float, bottom: float) -> None:
    """Show what a stroke in the colour of a baseline is, beginning at this place (in inches)."""
    left += 0.04
    ends = np.array([(left, bottom - 0.03), (left, bottom + 0.13)]) / figure.get_size_inches()
    line = LineCollection([ends], colors=BASELINE_COLOR, linewidths=1.4, transform=figure.transFigure)
    figure.add_artist(line)
    write(figure, left + 0.07, bottom, name)


def draw_line_legend(figure: Figure, names: Sequence[str], right: float, bottom: float) -> None:
    """Show which style of line is which name, in one row that ends at this place (in inches)."""
    font = FontProperties(size=TEXT_SIZE)
    for name, style in reversed(list(zip(names, STYLES, strict=False))):
        write(figure, right, bottom, name, ha="right")
        right -= measure_width(name, font) + 0.04
        ends = np.array([(right - LEGEND_LINE, bottom + 0.035), (right, bottom + 0.035)]) / figure.get_size_inches()
        line = LineCollection([ends], colors=INK, linewidths=1.1, linestyles=[style], transform=figure.transFigure)
        figure.add_artist(line)
        right -= LEGEND_LINE + LINE_GAP


def _stroke(x: float, row: float, half_height: float) -> Line:
    return (x, row - half_height), (x, row + half_height)


def _lines(panel: Panel, lines: Sequence[Line], colors: str | Sequence[str], width: float) -> None:
    panel.draw_lines(lines, colors=colors, linewidths=width, zorder=2)


def outline_rectangle(left: float, right: float, row: float, half_height: float) -> Numbers:
    """The corners of a rectangle centred on ``row``, of shape (4, 2)."""
    low, high = row - half_height, row + half_height
    return np.array([(left, low), (left, high), (right, high), (right, low)], np.float64)
