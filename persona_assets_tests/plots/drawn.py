"""Reading a figure back: areas, lines and texts, where they stand."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase

Corners = npt.NDArray[np.float64]


def areas(axes: Axes) -> list[tuple[str, Corners]]:
    """Every filled area with its colour, the first drawn first, in data coordinates."""
    return [
        (to_hex(tuple(color)), np.asarray(path.vertices))
        for collection in axes.collections
        if isinstance(collection, PolyCollection)
        for path, color in zip(collection.get_paths(), np.atleast_2d(collection.get_facecolor()), strict=True)
    ]


def size_of(corners: Corners) -> float:
    """The area inside, by the shoelace formula."""
    return abs(sum(float(a[0] * b[1] - b[0] * a[1]) for a, b in pairwise([*corners, corners[0]]))) / 2


def segments(axes: Axes) -> list[Corners]:
    """Every line of every collection of lines."""
    return [line for one in axes.collections if isinstance(one, LineCollection) for line in one.get_segments()]


def texts(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Every text that is visible, with the pixels it covers."""
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text().strip() and text.get_visible() and drawn(text):
            yield text.get_text(), text.get_window_extent(renderer)


def drawn(text: Text) -> bool:
    """Not one of an axis that is switched off."""
    return text.axes is None or text in text.axes.texts


def crowded(figure: Figure) -> list[str]:
    """Texts that leave the picture or cover another text by more than a pixel."""
    placed = list(texts(figure))
    outside = [text for text, box in placed if not inside(box, figure.bbox)]
    covering = [
        f"{first} / {second}"
        for place, (first, box) in enumerate(placed)
        for second, other in placed[place + 1 :]
        if overlap(box, other)
    ]
    return outside + covering


def inside(box: Bbox, figure: BboxBase) -> bool:
    return bool(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= figure.x1 + 1 and box.y1 <= figure.y1 + 1)


def overlap(one: Bbox, other: Bbox) -> bool:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return bool(width > 1 and height > 2)
