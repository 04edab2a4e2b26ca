"""In which order candidates are taken: personas by turns, and each persona's questions by turns.

At every point of the order, no persona has been taken two times more than another that has candidates left, and no
persona has answered a question again before it has answered all of its others. Where personas have the same
questions, these are spread evenly over all personas too. Chance decides the rest, from hashes: the order of the rows
and of the datasets makes no difference.
"""

from dataclasses import dataclass

import numpy as np

from persona_assets.training.hashing import Hashes, Integers


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
    order: Integers = np.lexsort((persona, turn)).astype(np.int64)
    return order


def _close_ranks(ranks: Integers) -> Integers:
    """The same order without gaps, from 0."""
    closed: Integers = np.unique(ranks, return_inverse=True)[1].astype(np.int64)
    return closed


def _count_within(groups: Integers, values: Hashes | Integers) -> Integers:
    """The rank, from 0, of each element's value within its group."""
    order = np.lexsort((values, groups))
    ordered = groups[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[begins, len(ordered)])
    ranks = np.empty(len(ordered), np.int64)
    ranks[order] = np.arange(len(ordered)) - np.repeat(begins, lengths)
    return ranks
