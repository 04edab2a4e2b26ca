"""Counting a batch of conversations the fast way, their texts all in one go: starting an encoder takes time."""

from collections.abc import Sequence
from typing import NamedTuple

from persona_assets.tokens.answer_places import Conversation
from persona_assets.tokens.concatenation import Rendered
from persona_assets.tokens.loading import ModelTokenizer
from persona_assets.tokens.measures import Measures, tabulate
from persona_assets.tokens.spans import Ids, Span, Written


class Measured(NamedTuple):
    measures: Measures
    set_aside: int
    """Number of texts that the tokenizers library encoded instead of a faster encoder."""


def measure(model: ModelTokenizer, conversations: Sequence[Conversation]) -> Measured:
    """Tokens and span of every conversation.

    Raises:
        jinja2.TemplateError, ValueError, TypeError, KeyError: the template refuses a conversation.
    """
    prompts = model.rendering.texts([one[:-1] for one in conversations], add_generation_prompt=True)
    written = model.rendering.answered(conversations)
    around = [_cut_around(one) for one in written]
    parts = list({part for pair in around for part in pair}.difference(prompts))
    encoded = model.encoder.encode([*prompts, *(one.text for one in written), *parts])
    length = len(prompts)
    given, whole, others = encoded.ids[:length], encoded.ids[length : 2 * length], encoded.ids[2 * length :]
    known = dict(zip(parts, others, strict=True)) | dict(zip(prompts, given, strict=True))
    measures = [
        (len(prompt), len(ids), _find_span(model, one, ids, [known[part] for part in pair]))
        for prompt, ids, one, pair in zip(given, whole, written, around, strict=True)
    ]
    return Measured(tabulate(measures), encoded.set_aside)


def _cut_around(written: Rendered) -> tuple[str, ...]:
    """The texts around the answer: before it that is nearly always the prompt, after it always the same."""
    text, place = written
    return (text[: place.start], text[place.end :]) if place else ()


def _find_span(model: ModelTokenizer, written: Rendered, ids: Ids, around: Sequence[Ids]) -> Span | None:
    if written.last is None:
        return None
    return Written(written.text, written.last, ids, *around).find_span(model.tokenizer.backend_tokenizer)
