"""Blocks of rows that show how much longer the answers of each persona are than those of the baseline."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS, NO_SCORE_BAND
from persona_assets.plots.compared import Part, find_change
from persona_assets.plots.marks import Bar, draw_bars
from persona_assets.plots.panels import BASELINE_COLOR, Box, add_panel
from persona_assets.plots.scales import Scale, scale_changes
from persona_assets.plots.statistics_rows import Row, format_change, format_mean, name_rows, write_numbers


@dataclass(frozen=True)
class ChangeLayout:
    """Widths of a block's parts, in inches."""

    names: float
    changes: float
    number: float

    @property
    def width(self) -> float:
        return self.names + self.changes + 2 * self.number

    def widen(self, width: float) -> "ChangeLayout":
        """The same with a larger panel, if it is narrower than ``width``."""
        return replace(self, changes=self.changes + max(width - self.width, 0))


@dataclass(frozen=True)
class ChangeChart:
    """What all blocks of one figure share."""

    figure: Figure
    kind: Kind
    layout: ChangeLayout
    row: float
    """The height of a row, in inches."""
    scale: Scale


def fit_changes(rows: Sequence[Row]) -> Scale:
    """An axis that holds every change."""
    found = [find_change(part, row.of.baseline) or 0.0 for row in rows for part in row.of.parts]
    return scale_changes(min(0.0, *found), max(0.0, *found))


def draw_changes(chart: ChangeChart, rows: Sequence[Row], left: float, top: float) -> None:
    """Draw ``rows`` downwards from the upper left corner at ``left`` and ``top``."""
    layout, height = chart.layout, chart.row * len(rows)
    place = Box(left + layout.names, top - height, layout.changes, height)
    panel = add_panel(chart.figure, place, chart.scale, name_rows(rows, layout.names), "longer or shorter answers")
    placed = list(_place(rows))
    changes = [find_change(part, row.of.baseline) for _, _, row, part in placed]
    bars = [
        Bar(at, 0, change, _choose_color(chart.kind, part), half)
        for (at, half, _, part), change in zip(placed, changes, strict=True)
        if change is not None
    ]
    draw_bars(panel, bars)
    panel.draw_lines([((0, 0), (0, 1))], panel.upright, colors=BASELINE_COLOR, linewidths=1.2, zorder=2.5)
    written = [(at, format_change(change)) for (at, *_), change in zip(placed, changes, strict=True)]
    write_numbers(panel, "", written, layout.number)
    means = [(at, format_mean(chart.kind, part.mean_score)) for at, _, _, part in placed]
    write_numbers(panel, "mean score", means, 2 * layout.number)


def _place(rows: Sequence[Row]) -> Iterator[tuple[float, float, Row, Part]]:
    for place, row in enumerate(rows):
        for at, half, part in row.place_parts(place):
            yield at, half, row, part


def _choose_color(kind: Kind, part: Part) -> str:
    """The colour of the band in which the mean score is."""
    score = None if part.mean_score is None else int(part.mean_score)
    return next((band.color for band in BANDS[kind.name] if band.holds(score)), NO_SCORE_BAND.color)
