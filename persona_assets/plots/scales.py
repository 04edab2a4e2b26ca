"""Axes as data: their limits, ticks and labels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from persona_assets.statistics.key_statistics import LENGTH_STEP

HEADROOM = 1.08
"""Space beyond the highest value."""
MINUS = "−"  # noqa: RUF001 - the sign, which is as wide as a plus
MOST_BINS = 40


@dataclass(frozen=True)
class Scale:
    """From ``low`` to ``high``, with a label at every tick or with none at all."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    title: str = ""
    grid: bool = False
    """Whether a line runs across the panel at every tick."""

    def unlabelled(self) -> "Scale":
        """The same scale for a panel above one that shows the labels."""
        return replace(self, labels=(), title="")


def scale_counts(limit: float, steps: int = 5, title: str = "", headroom: float = HEADROOM) -> Scale:
    """From 0 to a little above ``limit``, with at most ``steps`` round whole numbers above 0 for ticks."""
    high = max(limit, 1) * headroom
    ticks = range(0, math.floor(high) + 1, round_up_step(high / (steps + 1)))
    written = map(format_count if high < 10_000 else shorten_count, ticks)
    return Scale(0, high, tuple(ticks), tuple(written), title, grid=True)


def scale_changes(least: float, most: float, steps: int = 3, title: str = "") -> Scale:
    """From a little below ``least`` to a little above ``most``, 0 between them, in percent."""
    step = round_up_step((most - least) / steps)
    low, high = min(least, -step) * HEADROOM, max(most, step) * HEADROOM
    ticks = range(math.ceil(low / step) * step, math.floor(high) + 1, step)
    return Scale(
        low, high, tuple(ticks), tuple(f"{write_change(tick)}%" if tick else "0" for tick in ticks), title, grid=True
    )


def write_change(percent: float) -> str:
    """A whole number with its sign."""
    return f"{percent:+.0f}".replace("-", MINUS)


def scale_shares(title: str = "") -> Scale:
    """From 0 to 100 %."""
    return Scale(0, 1, (0, 0.25, 0.5, 0.75, 1), ("0", "", "50%", "", "100%"), title)


def scale_rows(labels: Sequence[str]) -> Scale:
    """One row per label, the first on top."""
    return Scale(max(len(labels), 1) - 0.5, -0.5, tuple(range(len(labels))), tuple(labels))


def round_up_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is not below ``least``."""
    power = 1
    while 5 * power < least:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power) if step >= least)


def format_count(value: float) -> str:
    """A count with all its digits as long as there is room for them on a bar."""
    return f"{value:,.0f}" if value < 99_999.5 else shorten_count(value)


def shorten_count(value: float) -> str:
    """A count in at most five characters: 950, 1.2k, 625k, 1.3M."""
    for unit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * unit:  # from here on three digits round up to this unit
            digits = 0 if value >= 99.95 * unit else 1
            return f"{value / unit:.{digits}f}".removesuffix(".0") + suffix
    return f"{value:.0f}"


def choose_bin_width(token_limit: int) -> int:
    """Tokens per bin: a round multiple of ``LENGTH_STEP``, so that all bins hold equally many whole numbers."""
    return LENGTH_STEP * round_up_step((token_limit + 1) / LENGTH_STEP / MOST_BINS)
