"""Answers with their places: in the text and in the tokens that a chat template makes of a conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Answer:
    """A conversation as the chat template writes it, and where its last answer is."""

    text: str
    ids: Sequence[int]
    """The tokens of ``text``, as ``apply_chat_template`` gives them."""
    start: int
    """Place of the first token of the answer."""
    end: int
    """Place after its last token."""
    text_start: int
    """Where the text of these tokens begins."""
    text_end: int
    """Where it ends."""


class Alone(NamedTuple):
    """A text for a consumer that encodes it by itself, with the special tokens that its tokenizer adds."""

    text: str
    start: int
    """Place of the first token of the answer among the consumer's tokens."""
    end: int
    """Place after its last token."""


@dataclass(frozen=True)
class AnswerPair:
    """A pair of the index with both its answers."""

    row: Mapping[str, Any]
    """With the columns of ``INDEX_SCHEMA``."""
    positive: Answer
    negative: Answer

    @property
    def sides(self) -> dict[str, Answer]:
        return {"positive": self.positive, "negative": self.negative}
