"""Counting signs by prompt, by score and by question, for the facts of checks."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from persona_assets.kinds import Kind
from persona_assets.stages.conversation_signs.columns import Flags
from persona_assets.statistics.key_statistics import NO_SCORE

SCORE_STEPS = 10
"""A long scale is shown in so many steps."""
MANY_QUESTIONS = 5
"""An answer to so many different questions answers none of them."""


@dataclass(frozen=True)
class Repeated:
    """An answer that is given, or nearly, to many questions."""

    place: int
    """Its first row."""
    rows: int
    questions: int


def rate_by(groups: Sequence[str], marked: Flags) -> dict[str, float]:
    """The share of marked rows of each group."""
    rows, found = Counter(groups), Counter(group for group, flag in zip(groups, marked, strict=True) if flag)
    return {group: round(found[group] / count, 4) for group, count in sorted(rows.items())}


def step_scores(scores: Sequence[int | None], kind: Kind) -> list[str]:
    """Each score, or on a long scale the lowest of its step."""
    step = max(1, kind.max_score // SCORE_STEPS)
    return [NO_SCORE if score is None else str(score // step * step) for score in scores]


def find_repeated(first_alike: Sequence[int | None], questions: Sequence[str]) -> list[Repeated]:
    """The answers given to ``MANY_QUESTIONS`` different questions or more, the most frequent first."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row, place in enumerate(first_alike):
        if place is not None:
            rows[place].append(row)
    found = [
        Repeated(place, len(others) + 1, len({questions[row] for row in (place, *others)}))
        for place, others in rows.items()
    ]
    many = [answer for answer in found if answer.questions >= MANY_QUESTIONS]
    return sorted(many, key=lambda answer: (-answer.rows, answer.place))


def find_shared_texts(texts: Mapping[str, AbstractSet[int]]) -> list[tuple[list[int], str]]:
    """The texts of several question indices, with these, in order."""
    return sorted((sorted(indices), text) for text, indices in texts.items() if len(indices) > 1)
