"""Small copies of pictures, small enough to travel in an event's metadata."""

import io
from pathlib import Path

from PIL import Image

THUMBNAIL_SIZE = (760, 426)
THUMBNAIL_COLORS = 32


def thumbnail(picture: Path) -> bytes:
    """A PNG of about 15 KB: scaled down, its colours reduced to a palette."""
    with Image.open(picture) as image:
        small = image.convert("RGB")
    small.thumbnail(THUMBNAIL_SIZE)
    buffer = io.BytesIO()
    small.quantize(THUMBNAIL_COLORS, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
