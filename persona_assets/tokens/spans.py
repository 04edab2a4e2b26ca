"""Which tokens of a conversation are the final answer.

The answer's place in the text is known. If the tokens of the text before it are the first tokens of the whole text,
no token reaches over the answer's beginning; the same goes for its end. Special tokens, which end every turn, make
sure of that. Where a template has only white space before the answer, that may be one token with white space of the
answer. Such a token holds nothing of what the answer says, and is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from persona_assets.tokens.answer_places import Place

Ids = npt.NDArray[np.uint32]
Offsets = Sequence[tuple[int, int]]


class Span(NamedTuple):
    """Positions of tokens, half-open."""

    start: int
    end: int


@dataclass(frozen=True)
class Written:
    """A conversation as the template writes it, with its tokens and those of the parts around the answer."""

    text: str
    answer: Place
    ids: Ids
    before: Ids
    after: Ids

    def find_span(self, backend: Tokenizer) -> Span | None:
        """The answer's tokens; None if one of them holds more than white space of the template, too."""
        start, end = len(self.before), len(self.ids) - len(self.after)
        if _equal(self.ids[:start], self.before) and _equal(self.ids[max(end, 0) :], self.after):
            return Span(start, end) if start < end else None
        return self._find_visible(backend.encode(self.text, add_special_tokens=False).offsets)

    def _find_visible(self, offsets: Offsets) -> Span | None:
        """From the first token to the last that hold something of the answer other than white space."""
        answer = self.text[self.answer.start : self.answer.end]
        first = self.answer.end - len(answer.lstrip())
        last = self.answer.start + len(answer.rstrip())
        places = [place for place, (start, end) in enumerate(offsets) if start < last and end > first]
        if not places:
            return None
        span = Span(places[0], places[-1] + 1)
        around = self.text[offsets[span.start][0] : first] + self.text[last : offsets[span.end - 1][1]]
        return None if around.strip() else span


def _equal(some: Ids, others: Ids) -> bool:
    return some.tobytes() == others.tobytes()
