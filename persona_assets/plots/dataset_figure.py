"""The picture of one dataset: tokens per conversation by score band, conversations and tokens by score."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator

from persona_assets.kinds import Kind
from persona_assets.plots.bands import NO_SCORE_BAND, Band, bands

Numbers = npt.NDArray[np.float64]

SIZE_INCHES = (10.0, 5.6)
DPI = 100
TOKEN_BINS = 48
BAR_HALF_WIDTH = 0.4


@dataclass(frozen=True)
class PlottedCounts:
    """What a picture shows; arrays of shape (conversations,)."""

    tokens: Numbers
    scores: Numbers
    """NaN where a conversation has no score on the scale."""

    def of(self, band: Band) -> Numbers:
        if band.low is None or band.high is None:
            return self.tokens[np.isnan(self.scores)]
        return self.tokens[(self.scores >= band.low) & (self.scores <= band.high)]


def dataset_figure(title: str, subtitle: str, kind: Kind, counts: PlottedCounts) -> Figure:
    """Draw the three panels. The score axis is numeric; rows without a score stand apart at its end."""
    figure = Figure(figsize=SIZE_INCHES, dpi=DPI)
    figure.text(0.06, 0.945, title, fontsize=13, fontweight="bold")
    figure.text(0.06, 0.905, subtitle, fontsize=9, color="#555555")
    grid = figure.add_gridspec(
        2, 2, width_ratios=(1.15, 1), left=0.06, right=0.985, top=0.84, bottom=0.095, wspace=0.2, hspace=0.42
    )
    _draw_distribution(figure.add_subplot(grid[:, 0]), kind, counts)
    per_score = _per_score(kind, counts)
    _draw_by_score(figure.add_subplot(grid[0, 1]), kind, per_score, "conversations")
    _draw_by_score(figure.add_subplot(grid[1, 1]), kind, per_score, "tokens")
    return figure


def _draw_distribution(axes: Axes, kind: Kind, counts: PlottedCounts) -> None:
    edges = np.linspace(0, max(float(counts.tokens.max(initial=0)), 1.0), TOKEN_BINS + 1)
    base = np.zeros(TOKEN_BINS)
    for band in bands(kind):
        tokens = counts.of(band)
        if not tokens.size:
            continue
        top = base + np.histogram(tokens, edges)[0]
        label = f"{band.label}  ({tokens.size:,})"
        axes.stairs(top, edges, baseline=base, fill=True, color=band.color, label=label)
        base = top
    if counts.tokens.size:
        median = float(np.median(counts.tokens))
        axes.axvline(median, color="black", linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            f" median {median:,.0f}",
            (median, 1.0),
            xycoords=("data", "axes fraction"),
            va="bottom",
            fontsize=8,
        )
    axes.set(xlabel="tokens per conversation", ylabel="conversations", xlim=(0, edges[-1]))
    axes.legend(title=f"{kind.name} score", fontsize=8, title_fontsize=8, frameon=False, loc="upper right")
    _finish(axes)


def _per_score(kind: Kind, counts: PlottedCounts) -> Mapping[str, Numbers]:
    """Conversations and tokens of every score on the scale, then of the rows without one."""
    place = np.where(np.isnan(counts.scores), kind.max_score + 1, counts.scores).astype(np.int64)
    length = kind.max_score + 2
    return {
        "conversations": np.bincount(place, minlength=length).astype(np.float64),
        "tokens": np.bincount(place, weights=counts.tokens, minlength=length).astype(np.float64),
    }


def _draw_by_score(axes: Axes, kind: Kind, per_score: Mapping[str, Numbers], what: str) -> None:
    values = per_score[what]
    apart = kind.max_score + max(kind.max_score * 0.1, 1.0)
    for band in bands(kind):
        if band.low is not None and band.high is not None:
            centres = np.arange(band.low, band.high + 1, dtype=np.float64)
            _bars(axes, centres, values[band.low : band.high + 1], BAR_HALF_WIDTH, band)
    _bars(axes, np.array([apart]), values[-1:], max(kind.max_score * 0.02, BAR_HALF_WIDTH), NO_SCORE_BAND)
    _write_value(axes, apart, values[-1])
    axes.axvline((kind.max_score + apart) / 2, color="#999999", linewidth=0.8, linestyle=":")
    few = kind.max_score < 10
    ticks = range(0, kind.max_score + 1, 1 if few else 10)
    for score in ticks if few else ():
        _write_value(axes, score, values[score])
    axes.set_xticks([*ticks, apart], [*map(str, ticks), "none"])
    axes.set(xlabel=f"{kind.name} score (0–{kind.max_score})", ylabel=what)  # noqa: RUF001 - a range's dash
    margin = max(kind.max_score * 0.03, 2 * BAR_HALF_WIDTH)
    axes.set_xlim(-margin, apart + margin)
    axes.yaxis.set_major_formatter(EngFormatter(sep=""))
    _finish(axes)


def _bars(axes: Axes, centres: Numbers, heights: Numbers, half_width: float, band: Band) -> None:
    edges = np.stack([centres - half_width, centres + half_width], axis=1).ravel()
    with_gaps = np.insert(heights, np.arange(1, len(heights)), 0.0)
    axes.stairs(with_gaps, edges, fill=True, color=band.color)


def _write_value(axes: Axes, place: float, value: float) -> None:
    axes.annotate(f"{value:,.0f}", (place, value), ha="center", va="bottom", fontsize=8, color="#555555")


def _finish(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
