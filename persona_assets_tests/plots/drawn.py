"""Reading a figure back: areas, lines and texts, where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import Collection, LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox, BboxBase

Corners = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """One panel of a figure: where it is, in pixels, and what is drawn in it."""

    place: Bbox
    collections: list[Collection]

    @property
    def areas(self) -> list[tuple[str, Corners]]:
        """Every filled area with its colour, the first drawn first, in data coordinates."""
        return [
            (to_hex(tuple(color)), np.asarray(path.vertices))
            for collection in self.collections
            if isinstance(collection, PolyCollection)
            for path, color in zip(collection.get_paths(), np.atleast_2d(collection.get_facecolor()), strict=True)
        ]

    @property
    def segments(self) -> list[Corners]:
        """Every line of every collection of lines, in the coordinates of its collection."""
        return [
            np.asarray(line)
            for one in self.collections
            if isinstance(one, LineCollection)
            for line in one.get_segments()
        ]

    def lines(self, color: str) -> list[Corners]:
        """Every line of this colour."""
        lines = [one for one in self.collections if isinstance(one, LineCollection)]
        return [
            np.asarray(line)
            for one in lines
            if to_hex(np.atleast_2d(one.get_color())[0]) == color
            for line in one.get_segments()
        ]

    def uprights(self, color: str) -> list[float]:
        """Where lines of this colour over the height of the panel are."""
        over_it_all = [line for line in self.lines(color) if line[:, 1].tolist() == [0, 1]]
        return [float(line[0, 0]) for line in over_it_all if line[0, 0] == line[1, 0]]

    @property
    def scale(self) -> tuple[float, ...]:
        """Equal for panels at one place with equal axes."""
        filled = next(one for one in self.collections if isinstance(one, PolyCollection))
        corners = filled.get_transform().transform([(0, 0), (1, 1)])
        return tuple(round(float(place), 6) for place in np.ravel(corners))

    def holds_all(self) -> bool:
        """Whether every area is inside."""
        return all(
            self.place.x0 - 1 <= x <= self.place.x1 + 1 and self.place.y0 - 1 <= y <= self.place.y1 + 1
            for one in self.collections
            if isinstance(one, PolyCollection)
            for path in one.get_paths()
            for x, y in one.get_transform().transform(path.vertices)
        )


def panels(figure: Figure) -> list[Drawn]:
    """The panels in the order in which they were drawn: each begins with the line below it."""
    found: list[Drawn] = []
    for artist in figure.artists:
        if isinstance(artist, LineCollection) and is_ground(artist):
            (x0, y0), (x1, y1) = artist.get_transform().transform([(0, 0), (1, 1)])
            found.append(Drawn(Bbox.from_extents(x0, y0, x1, y1), []))
        elif isinstance(artist, Collection) and found and artist.get_transform() is not figure.transFigure:
            found[-1].collections.append(artist)
    return found


def is_ground(lines: LineCollection) -> bool:
    segments = lines.get_segments()
    return len(segments) == 1 and np.asarray(segments[0]).tolist() == [[0, 0], [1, 0]]


def size_of(corners: Corners) -> float:
    """The area inside, by the shoelace formula."""
    return abs(sum(float(a[0] * b[1] - b[0] * a[1]) for a, b in pairwise([*corners, corners[0]]))) / 2


def texts(figure: Figure) -> Iterator[tuple[str, Bbox]]:
    """Every text that is visible, with the pixels it covers."""
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text().strip() and text.get_visible():
            yield text.get_text(), text.get_window_extent(renderer)


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
