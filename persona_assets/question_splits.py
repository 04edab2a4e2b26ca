"""Which split a question belongs to: the same one for every persona and every model.

Rows that ask one question have much in common, whoever answers. If some of them were trained on, the others would
tell nothing about questions that were not seen.
"""

import hashlib
import math
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from persona_assets.errors import SettingsError

DEFAULT_SHARES: Mapping[str, float] = MappingProxyType({"train": 0.8, "validation": 0.1, "test": 0.1})
_STEPS = 2**64


def split_of(question: str, seed: int = 0, shares: Mapping[str, float] = DEFAULT_SHARES) -> str:
    """The name of the split that a question belongs to.

    It follows from the text and the seed alone, so that rows can be split one by one, in any order, and a further
    persona changes nothing. White space, letter case and the form of Unicode make no difference. The shares are of
    all possible questions: of 240 questions, a share of 0.1 has 24, give or take five.

    Args:
        question: the text of the question.
        seed: another seed gives another division.
        shares: the part of the questions that each split has; together 1.

    Raises:
        SettingsError: the shares are not shares.

    Example:
        >>> from persona_assets import split_of
        >>> split_of("How was your weekend?")
        'test'
        >>> split_of("  how was your WEEKEND?")
        'test'
        >>> split_of("How was your weekend?", seed=5, shares={"fit": 0.5, "held_out": 0.5})
        'held_out'
    """
    check_shares(shares)
    digest = hashlib.sha256(f"{seed}\n{normalise(question)}".encode("utf-8", "surrogatepass")).digest()
    place, end = int.from_bytes(digest[:8], "big"), 0.0
    for name, share in shares.items():
        end += share
        if share and place < end * _STEPS:
            return name
    return next(name for name in reversed(list(shares)) if shares[name])


def normalise(question: str) -> str:
    """The text by which questions are told apart."""
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split())


def check_shares(shares: Mapping[str, float]) -> None:
    """Raise unless every share is a part of 1 and all are 1 together.

    Raises:
        SettingsError: and why they are not.
    """
    written = ", ".join(f"{name} {share}" for name, share in shares.items()) or "none"
    if any(not 0 <= share <= 1 for share in shares.values()):
        raise SettingsError(f"shares of splits ({written}): each is between 0 and 1")
    if not math.isclose(sum(shares.values()), 1, abs_tol=1e-9):
        raise SettingsError(
            f"shares of splits ({written}) are {round(sum(shares.values()), 9)} together; they have to be 1"
        )
