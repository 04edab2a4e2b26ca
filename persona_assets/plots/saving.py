"""Writing pictures: the same figure gives the same bytes."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO

from matplotlib.figure import Figure

COMPRESSION = 3
"""zlib level of the PNG: a quarter faster than the usual 6, and hardly larger."""


def save_picture(figure: Figure, target: Path | IO[bytes], texts: Mapping[str, str] | None = None) -> None:
    """Write a PNG that carries ``texts``, and no software version, which would change bytes with every release."""
    metadata: dict[str, str | None] = {"Software": None, **(texts or {})}
    figure.savefig(target, format="png", dpi="figure", metadata=metadata, pil_kwargs={"compress_level": COMPRESSION})
