"""Counting with transformers alone, one conversation at a time: slow, and right by definition."""

from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer

from persona_assets.tokens.answer_places import Conversation
from persona_assets.tokens.measures import Measures, tabulate
from persona_assets.tokens.rendering import Rendering
from persona_assets.tokens.spans import Ids, Span, Written


def measure_by_transformers(rendering: Rendering, conversations: Sequence[Conversation]) -> Measures:
    """Tokens and span of conversations that the template accepts."""
    return tabulate([_measure(rendering, conversation) for conversation in conversations])


def _measure(rendering: Rendering, conversation: Conversation) -> tuple[int, int, Span | None]:
    prompt = _encode(rendering, conversation[:-1], add_generation_prompt=True)
    total = _encode(rendering, conversation, add_generation_prompt=False)
    text, place = rendering.answer(conversation)
    if place is None:
        return len(prompt), len(total), None
    backend = rendering.tokenizer.backend_tokenizer
    before, after = (_encode_part(backend, part) for part in (text[: place.start], text[place.end :]))
    return len(prompt), len(total), Written(text, place, total, before, after).find_span(backend)


def _encode(rendering: Rendering, conversation: Conversation, *, add_generation_prompt: bool) -> Ids:
    ids = rendering.apply(conversation, tokenize=True, return_dict=False, add_generation_prompt=add_generation_prompt)
    return np.array(ids, dtype=np.uint32)


def _encode_part(backend: Tokenizer, text: str) -> Ids:
    return np.array(backend.encode(text, add_special_tokens=False).ids, dtype=np.uint32)
