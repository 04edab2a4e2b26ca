"""Plain panels: axes whose grid and ticks are two collections of lines, and a text per label.

Matplotlib's own axis builds a dozen objects for every tick and lays each label out twice: a figure takes 1.4 times as
long with it (benchmarks/weighing_axes.py). The ticks of panels made here are known beforehand. Long names are
measured, then set smaller or shortened. Places are in inches from the lower left corner.
"""

from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Transform

from persona_assets.plots.scales import Scale

INK, FAINT, GRID = "#222222", "#666666", "#dcdcdc"
DPI = 100
TEXT_SIZE = 8.0
TEXT_STYLE: dict[str, Any] = {"fontsize": TEXT_SIZE, "parse_math": False}
MARGIN = 0.2
TICK_POINTS = 3.0
POINTS_PER_INCH = 72.0
WIDEST_CHARACTER = 1.15
"""Its width in font sizes."""
PIXEL_LOSS = 1.08
"""How much wider than measured a small text may be drawn, because its characters are fitted to pixels."""

Line = tuple[tuple[float, float], tuple[float, float]]


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
    size = fit_size(title, FontProperties(size=12.5, weight="bold"), room)
    write(figure, MARGIN, height - 0.34, title, fontsize=size, fontweight="bold")
    size = fit_size(subtitle, FontProperties(size=TEXT_SIZE), room)
    write(figure, MARGIN, height - 0.57, subtitle, fontsize=size, color=FAINT)
    return figure


def write(figure: Figure, left: float, bottom: float, text: str, **style: Any) -> None:
    """Write text at a place of the figure."""
    width, height = figure.get_size_inches()
    figure.text(left / width, bottom / height, text, **({**TEXT_STYLE, "color": INK} | style))


def label(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write text at a place of the panel's data, centred unless ``style`` says otherwise."""
    axes.text(x, y, text, **({**TEXT_STYLE, "color": FAINT, "ha": "center"} | style))


def add_panel(figure: Figure, box: Box, x: Scale, y: Scale, heading: str = "") -> Axes:
    """Add empty axes with these scales, with the heading above their upper left corner."""
    width, height = figure.get_size_inches()
    place = (box.left / width, box.bottom / height, box.width / width, box.height / height)
    axes = figure.add_axes(place, xlim=(x.low, x.high), ylim=(y.low, y.high))
    axes.xaxis.set_visible(False)
    axes.yaxis.set_visible(False)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    _draw_x(axes, x, 1 / (box.height * POINTS_PER_INCH))
    _draw_y(axes, y, 1 / (box.width * POINTS_PER_INCH))
    if heading:
        write(figure, box.left, box.bottom + box.height + 0.1, heading)
    return axes


def _draw_x(axes: Axes, scale: Scale, point: float) -> None:
    data_and_panel = axes.get_xaxis_transform()
    _lines(axes, [((tick, -TICK_POINTS * point), (tick, 0)) for tick in scale.ticks], FAINT, data_and_panel)
    if scale.grid:
        _lines(axes, [((tick, 0), (tick, 1)) for tick in scale.ticks], GRID, data_and_panel)
    for tick, text in zip(scale.ticks, scale.labels, strict=bool(scale.labels)):
        label(axes, tick, -5 * point, text, transform=data_and_panel, va="top")
    if scale.title:
        label(axes, 0.5, -19 * point, scale.title, transform=axes.transAxes, va="top", color=INK)


def _draw_y(axes: Axes, scale: Scale, point: float) -> None:
    panel_and_data = axes.get_yaxis_transform()
    if scale.grid:
        _lines(axes, [((0, tick), (1, tick)) for tick in scale.ticks], GRID, panel_and_data)
    for tick, text in zip(scale.ticks, scale.labels, strict=bool(scale.labels)):
        label(axes, -5 * point, tick, text, transform=panel_and_data, ha="right", va="center_baseline")


def _lines(axes: Axes, lines: list[Line], color: str, transform: Transform) -> None:
    drawn = LineCollection(lines, colors=color, linewidths=0.7, transform=transform, clip_on=False, zorder=0.5)
    axes.add_collection(drawn, autolim=False)


def fit_size(text: str, font: FontProperties, room: float) -> float:
    """The size of ``font``, or the smaller one at which ``text`` is at most ``room`` inches wide."""
    return (
        font.get_size() * min(1.0, room / _width(text, font)) if _may_be_wide(text, font, room) else font.get_size()
    )


def shorten(text: str, font: FontProperties, room: float) -> str:
    """``text``, or its beginning and an ellipsis, at most ``room`` inches wide."""
    fits = text
    while _may_be_wide(fits, font, room) and _width(fits, font) > room:
        text = text[:-1]
        fits = text + "…"
    return fits


def _may_be_wide(text: str, font: FontProperties, room: float) -> bool:
    """Whether ``text`` must be measured, which takes time. Most texts are so short that they fit anyway."""
    return len(text) * WIDEST_CHARACTER * font.get_size() > room * POINTS_PER_INCH


def _width(text: str, font: FontProperties) -> float:
    points, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return points * PIXEL_LOSS / POINTS_PER_INCH
