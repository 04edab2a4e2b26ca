"""Axes that fit many datasets, so that their pictures can be laid side by side."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from persona_assets.plots.scales import round_step
from persona_assets.statistics.summaries import LENGTH_STEP

MOST_BINS = 64


@dataclass(frozen=True)
class SharedAxes:
    """The highest value that each axis of a dataset's picture must reach."""

    token_limit: int
    """Tokens of one conversation."""
    bin_limit: int
    """Conversations in one bin of the histogram of tokens, whose width follows from ``token_limit``."""
    conversations_limit: int
    """Conversations with one score."""
    tokens_limit: int
    """Tokens of all conversations with one score."""


def bin_width(token_limit: int) -> int:
    """Tokens per bin: a round multiple of ``LENGTH_STEP``, so that every bin holds as many whole numbers."""
    return LENGTH_STEP * round_step((token_limit + 1) / LENGTH_STEP / MOST_BINS)


def shared_axes(summaries: Iterable[Mapping[str, Any]]) -> SharedAxes:
    """The smallest axes that hold every dataset summarised (see ``tokens.statistics.summarise``)."""
    summaries = list(summaries)
    scores = [described for summary in summaries for described in summary["by_score"].values()]
    token_limit = max((summary["all"]["max"] or 0 for summary in summaries), default=0)
    return SharedAxes(
        token_limit=token_limit,
        bin_limit=max((_fullest_bin(summary, bin_width(token_limit)) for summary in summaries), default=0),
        conversations_limit=max((described["conversations"] for described in scores), default=0),
        tokens_limit=max((described["tokens"] for described in scores), default=0),
    )


def _fullest_bin(summary: Mapping[str, Any], width: int) -> int:
    bins: dict[int, int] = {}
    for shortest, conversations in summary["by_length"].items():
        place = int(shortest) // width
        bins[place] = bins.get(place, 0) + conversations
    return max(bins.values(), default=0)
