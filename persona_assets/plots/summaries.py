"""What pictures read from a summary of ``tokens.statistics``: conversations by band, the mean score."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from persona_assets.kinds import Kind
from persona_assets.plots.bands import bands
from persona_assets.statistics.summaries import NO_SCORE

Numbers = npt.NDArray[np.float64]


def conversations_by_score(summary: Mapping[str, Any]) -> dict[int | None, int]:
    """Conversations of every score that was given; None is the key of those without a score."""
    return {
        None if score == NO_SCORE else int(score): described["conversations"]
        for score, described in summary["by_score"].items()
    }


def band_shares(kind: Kind, summary: Mapping[str, Any]) -> Numbers:
    """Share of the conversations in each of the kind's bands; zeros if there is no conversation."""
    counted = conversations_by_score(summary)
    held = [sum(count for score, count in counted.items() if band.holds(score)) for band in bands(kind)]
    return np.array(held, np.float64) / max(sum(held), 1)


def mean_score(summary: Mapping[str, Any]) -> float | None:
    """Mean score of the conversations that have one."""
    scored = {score: count for score, count in conversations_by_score(summary).items() if score is not None}
    return sum(score * count for score, count in scored.items()) / sum(scored.values()) if scored else None
