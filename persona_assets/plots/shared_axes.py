"""How far the axes of a dataset's figure reach, if pictures of several datasets are laid side by side."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from persona_assets.kinds import Kind
from persona_assets.plots.plotted_rows import PlottedRows
from persona_assets.plots.scales import choose_bin_width
from persona_assets.plots.score_bins import ScoreBins, choose_bins
from persona_assets.statistics.key_statistics import LENGTH_STEP

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SharedAxes:
    """The highest value that each axis of a dataset's figure must reach."""

    token_limit: int
    """Tokens of one answer or prompt."""
    bin_limit: int
    """Answers of one label in one bin of the histogram of tokens, whose width follows from ``token_limit``."""
    score_step: int
    """The width of the bins of scores."""
    score_limit: int
    """Conversations of one label in one bin of scores, or without a score."""
    kept_limit: int
    """Scored conversations of one label."""


@dataclass(frozen=True)
class _Heights:
    """What is kept in memory of one label of a dataset, from which every limit can be found."""

    by_length: Integers
    """Answers by their tokens, in steps of ``LENGTH_STEP``."""
    by_score: Integers
    """Conversations by score, from 0 to the highest."""
    unscored: int


def fit_shared_axes(kind: Kind, datasets: Iterable[PlottedRows]) -> SharedAxes:
    """The smallest axes that hold every dataset; each is looked at once."""
    longest, heights = 0, list[_Heights]()
    for rows in datasets:
        longest = max(longest, rows.longest)
        heights += [_measure(kind, of_label) for _, of_label in rows.by_label()]
    bins = _choose_common_bins(kind, heights)
    lengths = (_count_wider(one.by_length, choose_bin_width(longest) // LENGTH_STEP) for one in heights)
    scores = (max(int(bins.count(_repeat(one.by_score)).max(initial=0)), one.unscored) for one in heights)
    return SharedAxes(
        token_limit=longest,
        bin_limit=max(lengths, default=0),
        score_step=bins.step,
        score_limit=max(scores, default=0),
        kept_limit=max((int(one.by_score.sum()) for one in heights), default=0),
    )


def _measure(kind: Kind, rows: PlottedRows) -> _Heights:
    scored = rows.scores[~np.isnan(rows.scores)].astype(np.int64)
    return _Heights(
        by_length=np.bincount(rows.answer_tokens.astype(np.int64) // LENGTH_STEP),
        by_score=np.bincount(scored, minlength=kind.max_score + 1),
        unscored=rows.scores.size - scored.size,
    )


def _choose_common_bins(kind: Kind, heights: Iterable[_Heights]) -> ScoreBins:
    together = sum((one.by_score for one in heights), np.zeros(kind.max_score + 1, np.int64))
    return choose_bins(kind, _repeat(together))


def _repeat(by_score: Integers) -> npt.NDArray[np.float64]:
    """The scores that were counted."""
    return np.repeat(np.arange(by_score.size), by_score).astype(np.float64)


def _count_wider(by_length: Integers, steps: int) -> int:
    """The fullest bin, if each is ``steps`` steps wide."""
    starts = np.arange(0, by_length.size, steps)
    return int(np.add.reduceat(by_length, starts).max()) if starts.size else 0
