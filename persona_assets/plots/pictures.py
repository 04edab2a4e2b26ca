"""Writing figures, equal figures as equal bytes, and making the thumbnails shown in the Dagster UI."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from PIL import Image

COMPRESSION = 3
"""zlib level of the PNG: a quarter faster than the usual 6, and hardly larger."""
THUMBNAIL_SIZE = (720, 490)
THUMBNAIL_COLORS = 128
PNG, PDF, SVG = "png", "pdf", "svg"
_FIXED: dict[Any, Any] = {"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "persona_assets"}
"""Fonts that every journal takes, text that looks the same everywhere, and ids that are the same every time."""
_UNDATED: Mapping[str, dict[str, str | None]] = {
    PDF: {"Creator": None, "Producer": None, "CreationDate": None},
    SVG: {"Creator": None, "Date": None, "Format": None, "Type": None},
}
"""What would change the bytes with every release or every second."""
_TITLE, _ABOUT = "Title", {PDF: "Subject", SVG: "Description"}


def save_picture(
    figure: Figure, target: Path | IO[bytes], texts: Mapping[str, str] | None = None, form: str = PNG
) -> None:
    """Write a PNG, PDF or SVG with ``texts`` in it. None names a software version or a date.

    A PNG has any texts. PDF and SVG have few names for them, so that all but the title are one text there.
    """
    if form == PNG:
        metadata: dict[str, str | None] = {"Software": None, **(texts or {})}
        options = {"compress_level": COMPRESSION}
        figure.savefig(target, format=PNG, dpi="figure", metadata=metadata, pil_kwargs=options)
    else:
        with mpl.rc_context(_FIXED):
            figure.savefig(target, format=form, metadata=_UNDATED[form] | _join(texts or {}, _ABOUT[form]))


def _join(texts: Mapping[str, str], about: str) -> dict[str, str | None]:
    title: dict[str, str | None] = {_TITLE: texts[_TITLE]} if _TITLE in texts else {}
    return title | {about: " ".join(f"{name} {text}" for name, text in texts.items() if name != _TITLE)}


def make_thumbnail(picture: Path) -> bytes:
    """Make a PNG of about 20 KB from ``picture``: scaled down, its colours reduced to a palette."""
    with Image.open(picture) as image:
        small = image.convert("RGB")
    small.thumbnail(THUMBNAIL_SIZE, Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    # The octree keeps flat colours as they are and takes a sixth of the time of the default method.
    palette = small.quantize(THUMBNAIL_COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(buffer, "PNG")
    return buffer.getvalue()
