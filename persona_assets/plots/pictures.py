"""Writing figures as PNGs, equal figures as equal bytes, and making the thumbnails shown in the Dagster UI."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from matplotlib.figure import Figure
from PIL import Image

COMPRESSION = 3
"""zlib level of the PNG: a quarter faster than the usual 6, and hardly larger."""
THUMBNAIL_SIZE = (760, 426)
THUMBNAIL_COLORS = 128


def save_picture(figure: Figure, target: Path | IO[bytes], texts: Mapping[str, str] | None = None) -> None:
    """Write a PNG with ``texts`` but without a software version, which would change the bytes with every release."""
    metadata: dict[str, str | None] = {"Software": None, **(texts or {})}
    figure.savefig(target, format="png", dpi="figure", metadata=metadata, pil_kwargs={"compress_level": COMPRESSION})


def make_thumbnail(picture: Path) -> bytes:
    """Make a PNG of about 15 KB from ``picture``: scaled down, its colours reduced to a palette."""
    with Image.open(picture) as image:
        small = image.convert("RGB")
    small.thumbnail(THUMBNAIL_SIZE, Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    # The octree keeps flat colours as they are and takes a sixth of the time of the default method.
    palette = small.quantize(THUMBNAIL_COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(buffer, "PNG")
    return buffer.getvalue()
