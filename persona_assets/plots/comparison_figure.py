"""One persona under several models: how long the conversations are, and how they were scored."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.legend import draw_legend
from persona_assets.plots.panel import MARGIN, new_figure
from persona_assets.plots.statistics_rows import Chart, Row, RowLayout, draw_block

LAYOUT = RowLayout(names=1.9, tokens=3.4, shares=2.9, row=0.36, write_shares=True)
HEADER = 1.4
FOOTER = 0.4


def comparison_figure(persona: str, kind: Kind, records: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw a row per record, in the order of ``records``: its lengths, and what shares of it have which score.

    ``records`` are the statistics of that persona's dataset under one model each, with its ``model``.
    """
    if not records:
        raise ValueError(f"no statistics of {kind.name} {persona} to compare")
    rows = [Row(str(record["model"]), record) for record in records]
    height = HEADER + len(rows) * LAYOUT.row + FOOTER
    subtitle = "lines 5 to 95 %, boxes 25 to 75 %; every model's tokens are those of its own tokenizer"
    title = f"{kind.name} {persona} under {len(rows)} {'model' if len(rows) == 1 else 'models'}"
    figure = new_figure(LAYOUT.width + 2 * MARGIN, height, title, subtitle)
    draw_legend(figure, kind, MARGIN, height - 0.87)
    draw_block(Chart(figure, kind, LAYOUT, max(row.reach for row in rows)), rows, MARGIN, height - HEADER)
    return figure
