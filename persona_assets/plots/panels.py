"""Plain panels: places of a figure with two scales, without matplotlib's axes.

Axes build a dozen objects for every tick and lay each label out twice: a figure takes 1.7 times as long with them
(benchmarks/weighing_axes.py). The ticks of panels made here are known beforehand: grid and ticks are collections of
lines, and each label is a text. Long names are measured, then set smaller or shortened. Places are in inches from the
lower left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Transform

from persona_assets.plots.scales import Scale

INK, FAINT, GRID = "#222222", "#5f5f5f", "#dcdcdc"
SLATE = "#8a9bb0"
"""The colour of what has no score band."""
WARNING = BASELINE_COLOR = "#b8440b"
"""Of marks and words about answers cut off, and of baselines."""
DPI = 140
TEXT_SIZE = 7.0
"""In points. A figure is as wide as a page of two columns, where this is the size of small print."""
TITLE_SIZE = 10.0
TEXT_STYLE: dict[str, Any] = {"fontsize": TEXT_SIZE, "parse_math": False}
MARGIN = 0.15
HEADING_GAP = 0.08
TICK_POINTS = 3.0
POINTS_PER_INCH = 72.0
WIDEST_CHARACTER = 1.15
"""Its width in font sizes."""
PIXEL_LOSS = 1.08
"""How much wider than measured a small text may be drawn, because its characters are fitted to pixels."""

GRID_STYLE: dict[str, Any] = {"linewidths": 0.7, "zorder": 0.5}

Line = tuple[tuple[float, float], tuple[float, float]]
Points = npt.NDArray[np.float64]
"""Of shape (points, 2)."""


class Box(NamedTuple):
    """The place of a panel in its figure, in inches."""

    left: float
    bottom: float
    width: float
    height: float


def make_figure(width: float, height: float, title: str, subtitle: str) -> Figure:
    """A figure with two lines of heading in its upper left corner."""
    figure = Figure(figsize=(width, height), dpi=DPI)
    room = width - 2 * MARGIN
    size = fit_size(title, FontProperties(size=TITLE_SIZE, weight="bold"), room)
    write(figure, MARGIN, height - 0.26, title, fontsize=size, fontweight="bold")
    size = fit_size(subtitle, FontProperties(size=TEXT_SIZE), room)
    write(figure, MARGIN, height - 0.43, subtitle, fontsize=size, color=FAINT)
    return figure


def write(figure: Figure, left: float, bottom: float, text: str, **style: Any) -> None:
    """Write text at a place of the figure."""
    width, height = figure.get_size_inches()
    figure.text(left / width, bottom / height, text, **({**TEXT_STYLE, "color": INK} | style))


@dataclass(frozen=True)
class Panel:
    """A place of a figure with two scales. Everything drawn in it is an artist of the figure."""

    figure: Figure
    box: Box
    x: Scale
    y: Scale

    @property
    def point(self) -> tuple[float, float]:
        """A typographic point in shares of the panel's width and height."""
        return 1 / (self.box.width * POINTS_PER_INCH), 1 / (self.box.height * POINTS_PER_INCH)

    @cached_property
    def data(self) -> Transform:
        """From data to the figure."""
        return self._from(self.x, self.y)

    @cached_property
    def upright(self) -> Transform:
        """The same with shares of the panel's height for y."""
        return self._from(self.x, SHARES)

    @cached_property
    def level(self) -> Transform:
        """The same with shares of the panel's width for x."""
        return self._from(SHARES, self.y)

    @cached_property
    def shares(self) -> Transform:
        """From shares of the panel's width and height to the figure."""
        return self._from(SHARES, SHARES)

    def _from(self, x: Scale, y: Scale) -> Transform:
        across, up = self.box.width / (x.high - x.low), self.box.height / (y.high - y.low)
        left, bottom = self.box.left - x.low * across, self.box.bottom - y.low * up
        return Affine2D.from_values(across, 0, 0, up, left, bottom) + self.figure.dpi_scale_trans

    def draw_lines(self, lines: Sequence[Line | Points], at: Transform | None = None, **style: Any) -> None:
        """Draw lines through points, in data coordinates unless ``at`` says otherwise."""
        self.figure.add_artist(LineCollection(lines, transform=at or self.data, **style))

    def fill(self, outlines: Sequence[Points], colors: Sequence[str]) -> None:
        """Fill areas, given by their corners in data coordinates."""
        self.figure.add_artist(
            PolyCollection(outlines, facecolors=colors, linewidths=0, zorder=2, transform=self.data)
        )

    def label(self, x: float, y: float, text: str, at: Transform | None = None, **style: Any) -> None:
        """Write text at a place of the panel, in data coordinates and centred unless said otherwise."""
        given = {**TEXT_STYLE, "color": FAINT, "ha": "center", "transform": at or self.data} | style
        self.figure.text(x, y, text, **given)


SHARES = Scale(0, 1, (), ())


def add_panel(figure: Figure, box: Box, x: Scale, y: Scale, heading: str = "") -> Panel:
    """Draw the grid, the ticks and their labels of a panel, with the heading above its upper left corner."""
    panel = Panel(figure, box, x, y)
    panel.draw_lines([((0, 0), (1, 0))], panel.shares, colors=FAINT, linewidths=0.8, zorder=2.6)
    _draw_x(panel)
    _draw_y(panel)
    if heading:
        write(figure, box.left, box.bottom + box.height + HEADING_GAP, heading)
    return panel


def _draw_x(panel: Panel) -> None:
    scale, (_, point) = panel.x, panel.point
    ticks = [((tick, -TICK_POINTS * point), (tick, 0)) for tick in scale.ticks]
    panel.draw_lines(ticks, panel.upright, colors=FAINT, **GRID_STYLE)
    if scale.grid:
        panel.draw_lines([((tick, 0), (tick, 1)) for tick in scale.ticks], panel.upright, colors=GRID, **GRID_STYLE)
    for tick, text in zip(scale.ticks, scale.labels, strict=bool(scale.labels)):
        panel.label(tick, -5 * point, text, panel.upright, va="top")
    if scale.title:
        panel.label(0.5, -16 * point, scale.title, panel.shares, va="top", color=INK)


def _draw_y(panel: Panel) -> None:
    scale, (point, _) = panel.y, panel.point
    if scale.grid:
        panel.draw_lines([((0, tick), (1, tick)) for tick in scale.ticks], panel.level, colors=GRID, **GRID_STYLE)
    for tick, text in zip(scale.ticks, scale.labels, strict=bool(scale.labels)):
        panel.label(-5 * point, tick, text, panel.level, ha="right", va="center_baseline")


def fit_size(text: str, font: FontProperties, room: float) -> float:
    """The size of ``font``, or the smaller one at which ``text`` is at most ``room`` inches wide."""
    return (
        font.get_size() * min(1.0, room / measure_width(text, font))
        if _may_be_wide(text, font, room)
        else font.get_size()
    )


def shorten(text: str, font: FontProperties, room: float) -> str:
    """``text``, or its beginning and an ellipsis, at most ``room`` inches wide."""
    fits = text
    while _may_be_wide(fits, font, room) and measure_width(fits, font) > room:
        text = text[:-1]
        fits = text + "…"
    return fits


def _may_be_wide(text: str, font: FontProperties, room: float) -> bool:
    """Whether ``text`` must be measured, which takes time. Most texts are so short that they fit anyway."""
    return len(text) * WIDEST_CHARACTER * font.get_size() > room * POINTS_PER_INCH


@lru_cache(maxsize=512)
def measure_width(text: str, font: FontProperties) -> float:
    """How many inches wide ``text`` is drawn."""
    points, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return points * PIXEL_LOSS / POINTS_PER_INCH
