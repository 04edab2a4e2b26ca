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
    parts = _list_parts(written, set(prompts))
    encoded = model.encoder.encode([*prompts, *(one.text for one in written), *parts])
    length = len(prompts)
    given, whole, others = encoded.ids[:length], encoded.ids[length : 2 * length], encoded.ids[2 * length :]
    known = dict(zip(parts, others, strict=True)) | dict(zip(prompts, given, strict=True))
    measures = [
        (len(prompt), len(ids), _find_span(model, one, ids, known))
        for prompt, ids, one in zip(given, whole, written, strict=True)
    ]
    return Measured(tabulate(measures), encoded.set_aside)


def _list_parts(written: Sequence[Rendered], prompts: set[str]) -> list[str]:
    """The texts around the answers: before them that is nearly always the prompt, after them always the same."""
    parts = {part: None for text, place in written if place for part in (text[: place.start], text[place.end :])}
    return [part for part in parts if part not in prompts]


def _find_span(model: ModelTokenizer, written: Rendered, ids: Ids, known: dict[str, Ids]) -> Span | None:
    text, place = written
    if place is None:
        return None
    before, after = known[text[: place.start]], known[text[place.end :]]
    return Written(text, place, ids, before, after).find_span(model.tokenizer.backend_tokenizer)
