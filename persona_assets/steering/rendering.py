"""Rendering conversations with a model's own chat template, and finding their answers in text and tokens."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from tokenizers import Tokenizer

from persona_assets.steering.answers import Alone, Answer
from persona_assets.steering.reasons import Reason
from persona_assets.tokens.answer_places import REFUSALS, Conversation, Place
from persona_assets.tokens.loading import ModelTokenizer
from persona_assets.tokens.spans import Ids, Span, Written


class Added(NamedTuple):
    """The tokens that a tokenizer adds by itself to every text, such as the beginning of text."""

    before: list[int]
    after: list[int]


@dataclass(frozen=True, eq=False)
class Renderer:
    """Renders for one model."""

    model: ModelTokenizer

    def render(self, conversation: Conversation) -> Answer | Reason:
        """The conversation, which ends with an answer; or why its answer cannot be told from the rest."""
        try:
            text, place = self.model.rendering.answered([conversation])[0]
        except REFUSALS:
            return Reason.REFUSED
        if place is None:
            return Reason.NO_PLACE
        ids, before, after = (self._encode(part) for part in (text, text[: place.start], text[place.end :]))
        span = Written(text, place, ids, before, after).find_span(self._backend)
        if span is None:
            return Reason.NO_PLACE
        around = Span(len(before), len(ids) - len(after))
        covered = place if span == around else self._find_covered(text, span)
        return Answer(text, ids.tolist(), span.start, span.end, covered.start, covered.end)

    def cut(self, answer: Answer, *, whole_turn: bool) -> Alone | Reason:
        """The text up to the end of the answer or, for ``whole_turn``, with what the template writes after it.

        The beginning of text is left away where the consumer's tokenizer adds it, so that there is one of it. The
        tokens that the consumer will see are made here once and compared with those of the whole conversation.
        """
        ids = list(answer.ids if whole_turn else answer.ids[: answer.end])
        text = answer.text if whole_turn else answer.text[: answer.text_end]
        before, after = self.added
        if before and ids[: len(before)] == before:
            text, ids = text.removeprefix(self._beginning), ids[len(before) :]
        expected = [*before, *ids, *after]
        if self._backend.encode(text, add_special_tokens=True).ids != expected:
            return Reason.OTHER_TOKENS
        shift = len(before) + len(ids) - (len(answer.ids) if whole_turn else answer.end)
        return Alone(text, answer.start + shift, answer.end + shift)

    def has_tokens(self, text: str, ids: list[int]) -> bool:
        """Whether ``text`` is encoded as ``ids`` where nothing is added to it."""
        return list(self._encode(text)) == ids

    @cached_property
    def added(self) -> Added:
        """What the tokenizer adds to a text by itself."""
        alone = self._backend.encode("a", add_special_tokens=False).ids
        whole = self._backend.encode("a", add_special_tokens=True).ids
        starts = range(len(whole) - len(alone) + 1)
        start = next(start for start in starts if whole[start : start + len(alone)] == alone)
        return Added(whole[:start], whole[start + len(alone) :])

    @cached_property
    def _beginning(self) -> str:
        """The text of the tokens that are added before every text."""
        tokens = self.model.tokenizer.convert_ids_to_tokens(self.added.before)
        return "".join(tokens)

    @property
    def _backend(self) -> Tokenizer:
        backend: Tokenizer = self.model.tokenizer.backend_tokenizer
        return backend

    def _encode(self, text: str) -> Ids:
        return np.array(self._backend.encode(text, add_special_tokens=False).ids, dtype=np.uint32)

    def _find_covered(self, text: str, span: Span) -> Place:
        """The characters that the tokens of the answer cover, where they are not exactly the answer's."""
        offsets = self._backend.encode(text, add_special_tokens=False).offsets
        return Place(offsets[span.start][0], offsets[span.end - 1][1])
