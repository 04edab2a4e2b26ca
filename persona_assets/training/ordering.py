"""In which order candidates are taken: personas by turns, and each persona's questions by turns.

At every point of the order, no persona has been taken two times more than another that has candidates left, and no
persona has answered a question again before it has answered all of its others. Where personas have the same
questions, these are spread evenly over all personas too. Chance decides the rest, from hashes: the order of the rows
and of the datasets makes no difference.
"""

from dataclasses import dataclass

import numpy as np

from persona_assets.training.hashing import Hashes, Integers

HALF = 32
"""Bits of half a number."""


@dataclass(frozen=True)
class Candidates:
    """What is known of each candidate, a row or a pair."""

    persona: Integers
    """The rank of its dataset, by chance."""
    question: Integers
    """The rank of its question, by chance."""
    chance: Hashes
    """Of its identity."""

    def take(self, places: Integers) -> "Candidates":
        return Candidates(self.persona[places], self.question[places], self.chance[places])


def order_candidates(candidates: Candidates) -> Integers:
    """The places of ``candidates`` in the order in which they are to be taken."""
    if not len(candidates.chance):
        return np.empty(0, np.int64)
    persona, question = _close_ranks(candidates.persona), _close_ranks(candidates.question)
    personas, questions = int(persona.max()) + 1, int(question.max()) + 1
    begin = persona * questions // personas
    own_turn = (question - begin) % questions
    repeat = _count_within(persona * questions + question, candidates.chance)
    turn = _count_within(persona, repeat * questions + own_turn)
    return _sort(turn, persona)


def _close_ranks(ranks: Integers) -> Integers:
    """The same order without gaps, from 0."""
    closed: Integers = np.cumsum(np.bincount(ranks) > 0) - 1
    return closed[ranks]


def _count_within(groups: Integers, values: Hashes | Integers) -> Integers:
    """The rank, from 0, of each element's value within its group."""
    order = _sort(groups, values)
    ordered = groups[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[begins, len(ordered)])
    ranks = np.empty(len(ordered), np.int64)
    ranks[order] = np.arange(len(ordered)) - np.repeat(begins, lengths)
    return ranks


def _sort(first: Integers, then: Hashes | Integers) -> Integers:
    """The places in the order of ``first`` and, where that is equal, of ``then``.

    Both are put into one number and sorted at once, which takes a fifth of the time. Where half of a hash does not
    tell two apart, the whole is compared.
    """
    low = then >> np.uint64(HALF) if then.dtype == np.uint64 else then.astype(np.uint64)
    if first.max(initial=0) < 2**HALF and low.max(initial=0) < 2**HALF:
        both = (first.astype(np.uint64) << np.uint64(HALF)) | low
        order: Integers = np.argsort(both)
        if (np.diff(both[order]) > 0).all():
            return order
    return np.lexsort((then, first)).astype(np.int64)
