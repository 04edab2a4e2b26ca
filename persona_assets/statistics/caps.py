"""Finding the most tokens that a generator would give, which most data do not record, from the lengths themselves.

Lengths without a cap thin out towards the longest. A cap gathers all that would have been longer in one place: within
a few tokens of each other, because an answer is not always split in the generator's own way when it is counted again.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MIN_ROWS = 100
"""Of fewer lengths no cap is found."""
MIN_GATHERED = 5
MIN_CAP = 16
"""Answers as short as this may be of one length without a cap."""
BAND = 3
"""Tokens below and above the cap."""
BESIDE = 60
"""Tokens below the band whose lengths show how many would be in it without a cap."""
CORE = 1
"""Tokens below and above it that count as the cap itself."""
OUTLIERS = 0.005
"""The share of lengths that may be above the cap: of a few rows generated in another way."""


@dataclass(frozen=True)
class Cap:
    """Where lengths gather."""

    tokens: int
    """The middle of the three lengths that most of them have."""
    gathered: int
    """How many lengths are within ``BAND`` of it."""
    expected: float
    """How many would be without a cap, at most."""

    def is_near(self, lengths: Integers) -> Flags:
        return np.abs(lengths - self.tokens) <= BAND

    def is_at(self, lengths: Integers) -> Flags:
        return np.abs(lengths - self.tokens) <= CORE


def find_cap(lengths: Integers) -> Cap | None:
    """Where the longest of ``lengths`` gather, if more do than chance explains."""
    if lengths.size < MIN_ROWS or lengths.max() < MIN_CAP:
        return None
    counts = np.bincount(lengths)
    below = np.concatenate(([0], np.cumsum(counts)))

    def count(low: int, high: int) -> int:
        """How many lengths are from ``low`` to ``high``, both included."""
        return int(below[min(high + 1, counts.size)] - below[max(low, 0)]) if high >= 0 else 0

    allowed = lengths.size * OUTLIERS
    places = [int(v) for v in np.flatnonzero(counts) if v >= MIN_CAP and lengths.size - below[v + 1] <= allowed]
    places += [int(lengths.max()) - step for step in range(1, BAND + 1)]
    tokens = max(places, key=lambda place: (count(place - CORE, place + CORE), count(place, place), place))
    gathered = count(tokens - BAND, tokens + BAND)
    expected = count(tokens - BAND - BESIDE, tokens - BAND - 1) * (2 * BAND + 1) / BESIDE
    if gathered < MIN_GATHERED or gathered < 3 * expected or gathered < expected + 4 * (1 + np.sqrt(expected)):
        return None
    return Cap(tokens, gathered, expected)
