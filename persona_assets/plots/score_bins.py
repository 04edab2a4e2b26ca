"""Scores as figures show them: in bins centred on the scores that judges give.

On a long scale judges give multiples of 5 or of 10. One bar per score would set high bars of round scores beside
slivers of all others, and so would bins of 5 where only tens are given.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from persona_assets.kinds import Kind
from persona_assets.plots.bands import Numbers

Integers = npt.NDArray[np.int64]
FEW_SCORES = 10
"""A shorter scale has a bar per score."""
FINE, COARSE = 5, 10
MOSTLY_TENS = 0.15
"""If a smaller share of the rows is nearest to an odd multiple of 5, tens are what the judge gives."""


@dataclass(frozen=True)
class ScoreBins:
    """Bins that are ``step`` scores wide, centred on its multiples."""

    kind: Kind
    step: int

    @property
    def centres(self) -> Integers:
        return np.arange(0, self.kind.max_score + 1, self.step)

    @property
    def edges(self) -> Numbers:
        return np.append(self.centres, self.kind.max_score + self.step) - self.step / 2

    def count(self, scores: Numbers) -> Integers:
        """Rows in each bin."""
        places = np.floor(scores[~np.isnan(scores)] / self.step + 0.5).astype(np.int64)
        return np.bincount(places, minlength=self.centres.size)


def has_few_scores(kind: Kind) -> bool:
    return kind.max_score < FEW_SCORES


def choose_bins(kind: Kind, scores: Numbers) -> ScoreBins:
    """The finest bins of which none is a sliver between two round scores."""
    if has_few_scores(kind):
        return ScoreBins(kind, 1)
    counted = ScoreBins(kind, FINE).count(scores)
    return ScoreBins(kind, COARSE if counted[1::2].sum() < MOSTLY_TENS * counted.sum() else FINE)


def count_kept(kind: Kind, scores: Numbers) -> Integers:
    """For every score of the scale, the rows that it keeps as a minimum."""
    rows = np.bincount(scores[~np.isnan(scores)].astype(np.int64), minlength=kind.max_score + 1)
    return np.cumsum(rows[::-1])[::-1]
