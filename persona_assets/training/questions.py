"""Splits by question: every question is in one split, the same one for every persona, model and training set."""

import unicodedata
from collections.abc import Mapping

from persona_assets.training.hashing import WORD, hash_text


def normalise_question(text: str) -> str:
    """The text by which questions are told apart: case, blanks and compatible forms of characters make no
    difference.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def choose_split(question: str, splits: Mapping[str, float], seed: int) -> str:
    """The split of a question. ``splits`` has the share of each split; together they are 1.

    It depends on the normalised text, the seed and the shares alone, so sets with the same seed and the same shares
    never train on what another of them holds back.
    """
    place, end = hash_text(seed, "split", normalise_question(question)) / WORD, 0.0
    for name, share in splits.items():
        end += share
        if place < end:
            return name
    return list(splits)[-1]
