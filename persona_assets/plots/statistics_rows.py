"""A block of rows, one per dataset: its name, the percentiles of its lengths, and the shares of its score bands.

The labels of a dataset that has several parts share its row, one below the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.compared import Compared, Part, find_change
from persona_assets.plots.marks import BOX_HALF_HEIGHT, Bar, Spread, draw_bars, draw_percentiles, draw_strokes
from persona_assets.plots.panels import (
    FAINT,
    HEADING_GAP,
    INK,
    SLATE,
    TEXT_SIZE,
    Box,
    Panel,
    add_panel,
    shorten,
    write,
)
from persona_assets.plots.scales import Scale, scale_counts, scale_rows, scale_shares, write_change
from persona_assets.plots.score_bins import FEW_SCORES

UNKNOWN = "–"  # noqa: RUF001 - the usual dash for no value
NAME_GAP = 0.1
LEAST_WRITTEN_SHARE = 0.12
MORE = 1.0
"""How much higher a row is for each further part."""
BASELINE_HALF = 0.46
FILLED = 0.84
"""The share of a row's height that several parts fill."""
BETWEEN = 0.1
"""Free space between the parts of a row, in heights of a part."""


@dataclass(frozen=True)
class RowLayout:
    """Widths of a block's parts, in inches."""

    names: float
    tokens: float
    shares: float
    number: float
    """The width of a column of numbers."""
    changes: bool = False
    """Whether changes against the baseline are written."""
    write_shares: bool = False
    """Whether the larger shares are written on their bars."""

    @property
    def width(self) -> float:
        return self.names + self.tokens + self.shares + (3 if self.changes else 2) * self.number

    def widen(self, width: float) -> "RowLayout":
        """The same with larger panels, if it is narrower than ``width``."""
        more = max(width - self.width, 0) / (self.tokens + self.shares)
        return replace(self, tokens=self.tokens * (1 + more), shares=self.shares * (1 + more))


def fit_height(row: float, rows: "Sequence[Row]") -> float:
    """The height of a row, if one of a single part is as high as ``row``."""
    return row * (1 + MORE * (max(len(one.of.parts) for one in rows) - 1))


@dataclass(frozen=True)
class Row:
    """The name written beside a row, and the dataset it shows."""

    name: str
    of: Compared

    def place_parts(self, row: int) -> Iterator[tuple[float, float, Part]]:
        """Where each part is, and half its height, if the row has this number."""
        count = len(self.of.parts)
        whole = FILLED / 2 if count > 1 else BOX_HALF_HEIGHT
        half = whole / (count + BETWEEN * (count - 1))
        for place, part in enumerate(self.of.parts):
            yield row - whole + half + place * 2 * half * (1 + BETWEEN), half, part

    @property
    def reach(self) -> float:
        """The largest number of tokens that is drawn."""
        drawn = [part.lengths.p95 for part in self.of.parts if part.lengths]
        if self.of.baseline and self.of.baseline.lengths:
            drawn.append(self.of.baseline.lengths.p50)
        return max(drawn, default=0.0)


@dataclass(frozen=True)
class Chart:
    """What all blocks of one figure share."""

    figure: Figure
    kind: Kind
    layout: RowLayout
    row: float
    """The height of a row, in inches."""
    reach: float
    """Tokens that the token axis must reach."""


def draw_block(chart: Chart, rows: Sequence[Row], left: float, top: float) -> None:
    """Draw ``rows`` downwards from the upper left corner at ``left`` and ``top``."""
    layout = chart.layout
    height = chart.row * len(rows)
    place = Box(left + layout.names, top - height, layout.tokens, height)
    _draw_lengths(chart, rows, place)
    numbers = (2 if layout.changes else 1) * layout.number
    _draw_scores(chart, rows, place._replace(left=place.left + layout.tokens + numbers, width=layout.shares))


def name_rows(rows: Sequence[Row], room: float) -> Scale:
    """A row for each dataset, with its name as far as there is room (in inches)."""
    font = FontProperties(size=TEXT_SIZE)
    return scale_rows([shorten(row.name, font, room - NAME_GAP) for row in rows])


def _draw_lengths(chart: Chart, rows: Sequence[Row], place: Box) -> None:
    layout = chart.layout
    panel = add_panel(
        chart.figure, place, scale_counts(chart.reach, 4), name_rows(rows, layout.names), "tokens per conversation"
    )
    placed = [(at, half, part) for row, one in enumerate(rows) for at, half, part in one.place_parts(row)]
    draw_percentiles(panel, [Spread(at, part.lengths, SLATE, half) for at, half, part in placed if part.lengths])
    baselines = [(one.of.baseline, row) for row, one in enumerate(rows)]
    draw_strokes(panel, [(part.lengths.p50, row) for part, row in baselines if part and part.lengths], BASELINE_HALF)
    medians = [(at, format(part.lengths.p50, ",.0f") if part.lengths else UNKNOWN) for at, _, part in placed]
    write_numbers(panel, "median", medians, layout.number)
    if layout.changes:
        write_numbers(panel, "answers", list(_list_changes(rows)), 2 * layout.number)


def _list_changes(rows: Sequence[Row]) -> Iterator[tuple[float, str]]:
    for row, one in enumerate(rows):
        for at, _, part in one.place_parts(row):
            yield at, format_change(find_change(part, one.of.baseline))


def format_change(change: float | None) -> str:
    return UNKNOWN if change is None else f"{write_change(change)}%"


def format_mean(kind: Kind, score: float | None) -> str:
    return UNKNOWN if score is None else format(score, ".2f" if kind.max_score < FEW_SCORES else ".1f")


def _draw_scores(chart: Chart, rows: Sequence[Row], place: Box) -> None:
    panel = add_panel(chart.figure, place, scale_shares(), scale_rows([""] * len(rows)), "share by score")
    bars = list[Bar]()
    means = list[tuple[float, str]]()
    for row, one in enumerate(rows):
        for at, half, part in one.place_parts(row):
            bars += _list_bars(chart, panel, part, at, half)
            means.append((at, format_mean(chart.kind, part.mean_score)))
    draw_bars(panel, bars)
    write_numbers(panel, "mean", means, chart.layout.number)


def _list_bars(chart: Chart, panel: Panel, part: Part, at: float, half: float) -> Iterator[Bar]:
    """The parts of a bar, side by side; the larger ones are labelled if the layout says so."""
    end = 0.0
    for band, share in zip(BANDS[chart.kind.name], part.shares, strict=False):
        start, end = end, end + share
        if share:
            yield Bar(at, start, end, band.color, half)
        if chart.layout.write_shares and share >= LEAST_WRITTEN_SHARE:
            color = "white" if band.dark else INK
            panel.label((start + end) / 2, at, f"{share:.0%}", color=color, va="center_baseline")


def write_numbers(panel: Panel, heading: str, numbers: Sequence[tuple[float, str]], right: float) -> None:
    """Write numbers at their rows, in a column that ends ``right`` inches right of the panel."""
    box = panel.box
    column = box.width + right - NAME_GAP
    top = box.bottom + box.height + HEADING_GAP
    if heading:
        write(panel.figure, box.left + column, top, heading, ha="right", color=FAINT)
    for row, text in numbers:
        panel.label(column / box.width, row, text, panel.level, ha="right", va="center_baseline")
