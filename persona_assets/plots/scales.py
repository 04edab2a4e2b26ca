"""The axes of a panel as data: where they begin and end, and what is written where."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

HEADROOM = 1.08
"""Space beyond the highest value, so that a number written on it stays inside."""


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


def counting_scale(limit: float, steps: int = 5, title: str = "") -> Scale:
    """From 0 to a little above ``limit``, with at most ``steps`` round whole numbers above 0 for ticks."""
    high = max(limit, 1) * HEADROOM
    ticks = range(0, math.floor(high) + 1, round_step(high / (steps + 1)))
    written = map(readable if high < 10_000 else short, ticks)
    return Scale(0, high, tuple(ticks), tuple(written), title, grid=True)


def share_scale(title: str = "") -> Scale:
    """From nothing to everything."""
    return Scale(0, 1, (0, 0.25, 0.5, 0.75, 1), ("0", "", "50%", "", "100%"), title)


def row_scale(labels: Sequence[str]) -> Scale:
    """One row per label, the first on top."""
    return Scale(len(labels) - 0.5, -0.5, tuple(range(len(labels))), tuple(labels))


def round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is not below ``least``."""
    power = 1
    while 5 * power < least:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power) if step >= least)


def readable(value: float) -> str:
    """A count with all its digits as long as there is room for them on a bar."""
    return f"{value:,.0f}" if value < 99_999.5 else short(value)


def short(value: float) -> str:
    """A count in at most five characters: 950, 1.2k, 625k, 1.3M."""
    for unit, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * unit:  # from here on three digits round up to this unit
            digits = 0 if value >= 99.95 * unit else 1
            return f"{value / unit:.{digits}f}".removesuffix(".0") + suffix
    return f"{value:.0f}"
