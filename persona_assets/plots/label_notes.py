"""The words beside the panels of each label: how many answers, how long, how many cut off."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from persona_assets.plots.panels import FAINT, INK, MARGIN, TEXT_SIZE, WARNING, Box, fit_size, write
from persona_assets.plots.plotted_rows import PlottedRows
from persona_assets.plots.scales import format_count

LINE = 0.125
WIDTH = 0.98


def write_notes(figure: Figure, labels: Sequence[tuple[str, PlottedRows]], places: Sequence[Box]) -> None:
    """Write the notes of each label left of its panel."""
    for (name, rows), place in zip(labels, places, strict=True):
        top = place.bottom + place.height - 0.09
        for line, (text, style) in enumerate(_list_notes(name, rows)):
            size = fit_size(text, FontProperties(size=TEXT_SIZE), WIDTH)
            write(figure, MARGIN, top - line * LINE, text, fontsize=size, **style)


def _list_notes(name: str, rows: PlottedRows) -> Iterator[tuple[str, dict[str, str]]]:
    if name:
        yield name, {"fontweight": "bold"}
    count = rows.answer_tokens.size
    yield f"{format_count(count)} answer{'' if count == 1 else 's'}", {"color": FAINT}
    if count:
        yield f"median {format_count(float(np.median(rows.answer_tokens)))}", {"color": INK}
    if rows.cut.any():
        share = rows.cut.mean()
        said = f"{share:.0%}" if share >= 0.01 else "< 1%"
        yield f"{said} cut off" if rows.limit is None else f"{said} cut at {rows.limit:,}", {"color": WARNING}
