"""The legend of score bands: a row of coloured squares, placed where nothing is drawn."""

from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.bands import bands
from persona_assets.plots.marks import rectangle
from persona_assets.plots.panel import write

SQUARE = 0.11
STEP = 0.74
INTRODUCTION = 0.78


def draw_legend(figure: Figure, kind: Kind, left: float, bottom: float) -> None:
    """Say which colour is which band, in one row that begins at that place in inches."""
    write(figure, left, bottom, f"{kind.name} score")
    places = [left + INTRODUCTION + STEP * place for place in range(len(bands(kind)))]
    squares = [rectangle(x, x + SQUARE, bottom + SQUARE / 2, SQUARE / 2) / figure.get_size_inches() for x in places]
    colors = [band.color for band in bands(kind)]
    figure.add_artist(PolyCollection(squares, facecolors=colors, linewidths=0, transform=figure.transFigure))
    for x, band in zip(places, bands(kind), strict=True):
        write(figure, x + SQUARE + 0.05, bottom, band.label)
