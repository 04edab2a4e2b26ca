"""Matched answers of the demo corpus, read from its raw lines by ``json`` alone."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from persona_assets.keys import DatasetKey
from persona_assets.sample.conversations import compose_files

TRAIT = "calm"
PAIRS = 3

Message = dict[str, str]


@dataclass(frozen=True)
class Asked:
    """An answer, and the turns before it as they were when it was given."""

    before: list[Message]
    answer: str


@dataclass(frozen=True)
class Pair:
    """Two answers to one question, with the persona and against it."""

    question: str
    with_it: Asked
    against_it: Asked

    @property
    def verbatim(self) -> list[Message]:
        """The turns before the positive answer."""
        return self.with_it.before

    @property
    def positive(self) -> str:
        return self.with_it.answer

    @property
    def negative(self) -> str:
        return self.against_it.answer

    @property
    def prompt(self) -> list[Message]:
        """The question without the persona."""
        return [{"role": "user", "content": self.question}]


def answer_turn(text: str) -> Message:
    return {"role": "assistant", "content": text}


@cache
def read_pairs(model: str) -> tuple[Pair, ...]:
    """Cells of a trait of ``model``, positive and negative: those with the shortest answers, to save time."""
    lines = compose_files(DatasetKey(model, "trait", TRAIT)).conversations.splitlines()
    rows = {(row["label"], row["prompt_index"], row["question_index"]): row for row in map(json.loads, lines)}
    pairs = [_pair(row, rows["neg", *cell]) for (label, *cell), row in rows.items() if label == "pos"]
    return tuple(sorted(pairs, key=lambda pair: len(pair.positive + pair.negative))[:PAIRS])


def _pair(positive: dict[str, Any], negative: dict[str, Any]) -> Pair:
    return Pair(positive["question"], *(_ask(row["conversation"]) for row in (positive, negative)))


def _ask(conversation: list[Message]) -> Asked:
    return Asked(conversation[:-1], conversation[-1]["content"])
