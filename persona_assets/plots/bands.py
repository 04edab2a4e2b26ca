"""Score bands: the few groups into which figures divide a scale, their colours, and what falls into each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind
from persona_assets.statistics.key_statistics import NO_SCORE, Summary

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Band:
    """Scores from ``low`` to ``high``, both included; the band without bounds holds rows without a score."""

    label: str
    color: str
    low: int | None = None
    high: int | None = None
    dark: bool = False
    """Whether text on its colour must be light."""

    def holds(self, score: int | None) -> bool:
        if score is None or self.low is None or self.high is None:
            return score is None and self.low is None
        return self.low <= score <= self.high

    def select(self, scores: Numbers) -> Flags:
        """Which of ``scores`` it holds; NaN is no score."""
        if self.low is None or self.high is None:
            return np.isnan(scores)
        return (scores >= self.low) & (scores <= self.high)


# Ordered, and distinct under every common colour vision deficiency: steps similar to viridis, then grey.
_COLORS = ("#440154", "#31688e", "#35b779", "#f3c21b")
_DARK_COLORS = _COLORS[:2]
NO_SCORE_BAND = Band("no score", "#b0b0b0")

_BOUNDS: Mapping[str, tuple[tuple[int, int], ...]] = {
    ROLE.name: ((0, 0), (1, 1), (2, 2), (3, 3)),
    TRAIT.name: ((0, 24), (25, 49), (50, 69), (70, 100)),
}


def _divide(kind: Kind) -> tuple[Band, ...]:
    scored = (
        Band(str(low) if low == high else f"{low}–{high}", color, low, high, color in _DARK_COLORS)  # noqa: RUF001 - a range's dash
        for (low, high), color in zip(_BOUNDS[kind.name], _COLORS, strict=True)
    )
    return (*scored, NO_SCORE_BAND)


BANDS: Mapping[str, tuple[Band, ...]] = {kind.name: _divide(kind) for kind in KINDS.values()}
"""The bands of every kind from the lowest score up; rows without a score come last."""


def share_by_band(kind: Kind, summary: Summary) -> tuple[float, ...]:
    """Share of the conversations in each of the kind's bands; zeros if there is no conversation."""
    counted = _count_by_score(summary)
    held = [sum(count for score, count in counted.items() if band.holds(score)) for band in BANDS[kind.name]]
    return tuple(count / max(sum(held), 1) for count in held)


def average_score(summary: Summary) -> float | None:
    """Mean score of the conversations that have one."""
    scored = {score: count for score, count in _count_by_score(summary).items() if score is not None}
    return sum(score * count for score, count in scored.items()) / sum(scored.values()) if scored else None


def _count_by_score(summary: Summary) -> dict[int | None, int]:
    """Number of conversations with each score; None is the key for those without one."""
    return {
        None if score == NO_SCORE else int(score): group.conversations for score, group in summary.by_score.items()
    }
