"""Names of any length in the room there is: long ones are measured and set smaller or shortened."""

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

POINTS_PER_INCH = 72.0
WIDEST_CHARACTER = 1.15
"""In font sizes."""
PIXEL_LOSS = 1.08
"""How much wider than measured a small text may be drawn, whose characters are fitted to pixels."""


def fitting_size(text: str, font: FontProperties, room: float) -> float:
    """The size of ``font``, or the smaller one at which ``text`` is at most ``room`` inches wide."""
    return (
        font.get_size() * min(1.0, room / _width(text, font)) if _may_be_wide(text, font, room) else font.get_size()
    )


def shortened(text: str, font: FontProperties, room: float) -> str:
    """``text``, or its beginning and an ellipsis, at most ``room`` inches wide."""
    fits = text
    while _may_be_wide(fits, font, room) and _width(fits, font) > room:
        text = text[:-1]
        fits = text + "…"
    return fits


def _may_be_wide(text: str, font: FontProperties, room: float) -> bool:
    """Measuring takes time, and most texts are short."""
    return len(text) * WIDEST_CHARACTER * font.get_size() > room * POINTS_PER_INCH


def _width(text: str, font: FontProperties) -> float:
    points, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return points * PIXEL_LOSS / POINTS_PER_INCH
