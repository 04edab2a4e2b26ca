"""Counting the tokens of conversations exactly as ``apply_chat_template(messages, tokenize=True)`` would."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import jinja2
import numpy as np

from persona_assets.errors import TokenizerError
from persona_assets.tokens.concatenation import Conversation
from persona_assets.tokens.encoding import BATCH_CHARACTERS, Counts
from persona_assets.tokens.hard_conversations import (
    accepted,
    nasty_conversations,
    reference_counts,
    sample_places,
)
from persona_assets.tokens.loading import ModelTokenizer

LONGEST_SAMPLED = 200_000
"""Characters of the longest conversation counted a second time: transformers takes hundreds of bytes a token."""


@dataclass(frozen=True)
class CountingMethod:
    """How conversations were counted, and what was done to make sure."""

    path: str
    """``gigatoken``, ``tokenizers``, or ``transformers`` one by one after another path was caught in an error."""
    verified: int
    """Conversations compared with transformers: a fixed set once in a process, and a sample of these."""
    mismatches: tuple[str, ...] = ()
    """Where another path than transformers gave another count, in words; the reason for not using it."""
    reason: str | None = None
    """Why a faster path was not used."""
    set_aside: int = 0
    """Texts that the tokenizers library encoded because of their rare characters (gigatoken only)."""

    def record(self) -> dict[str, Any]:
        return asdict(self) | {"mismatches": list(self.mismatches)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "CountingMethod":
        known = {name: record[name] for name in ("path", "verified", "reason", "set_aside")}
        return cls(**known, mismatches=tuple(record["mismatches"]))


@dataclass(frozen=True)
class TokenCounts:
    """Tokens per conversation, in the order given; shape (conversations,)."""

    prompt: Counts
    """Everything the model was given before its last answer, the generation prompt included."""
    total: Counts
    method: CountingMethod

    @property
    def assistant(self) -> Counts:
        """The last answer, with the tokens that end its turn."""
        return self.total - self.prompt


@dataclass(frozen=True)
class _Standing:
    """What this process knows of its fast counting with one tokenizer and template."""

    verified: int
    mismatches: tuple[str, ...]


_standings: dict[str, _Standing] = {}


def count_tokens(model: ModelTokenizer, conversations: Sequence[Conversation]) -> TokenCounts:
    """Count every conversation, which must end with the assistant's answer.

    The fast way is compared with transformers on a fixed set of conversations first, and on a sample of these;
    once it is caught in an error, this process counts with transformers alone, all of these again.

    Args:
        conversations: gone through from the first to the last, of which a batch is kept at a time.

    Raises:
        TokenizerError: the chat template refuses a conversation; there is no approximation.
    """
    standing = _standings.get(model.identity.key) or _verify(model)
    if not standing.mismatches:
        counts = _count(model, conversations)
        sampled = _sample(conversations)
        found = _differences(model, sampled, counts)
        verified = standing.verified + len(sampled)
        if not found:
            return replace(counts, method=replace(counts.method, verified=verified))
        standing = _standings[model.identity.key] = _Standing(verified, found)
    return _by_transformers(model, conversations, standing)


def _verify(model: ModelTokenizer) -> _Standing:
    conversations = accepted(model.rendering, nasty_conversations())
    found = _differences(model, dict(enumerate(conversations)), _count(model, conversations))
    standing = _standings[model.identity.key] = _Standing(len(conversations), found)
    return standing


def _sample(conversations: Sequence[Conversation]) -> dict[int, Conversation]:
    """Some conversations by place, without those of which transformers alone would fill the memory of a worker."""
    chosen = {place: conversations[place] for place in sample_places(len(conversations))}
    return {place: one for place, one in chosen.items() if _characters(one) <= LONGEST_SAMPLED}


def _differences(
    model: ModelTokenizer, conversations: Mapping[int, Conversation], counts: TokenCounts
) -> tuple[str, ...]:
    """What transformers counts differently in these conversations, by their places, in words."""
    prompt, total = reference_counts(model.rendering, list(conversations.values()))
    return tuple(
        f"conversation {place}: {counts.prompt[place]} prompt and {counts.total[place]} tokens in all, "
        f"transformers {prompt[at]} and {total[at]}"
        for at, place in enumerate(conversations)
        if (counts.prompt[place], counts.total[place]) != (prompt[at], total[at])
    )


def _by_transformers(
    model: ModelTokenizer, conversations: Sequence[Conversation], standing: _Standing
) -> TokenCounts:
    parts: list[tuple[Counts, Counts]] = []
    for first, batch in _batches(conversations):
        # Rendering them first names the conversation that the template refuses.
        for prompt in (True, False):
            _render(model, first, batch, prompt=prompt)
        parts.append(reference_counts(model.rendering, batch))
    reason = f"{model.encoder.path} gave other counts than transformers"
    method = CountingMethod("transformers", standing.verified, standing.mismatches, reason)
    return _together(parts, method)


def _count(model: ModelTokenizer, conversations: Sequence[Conversation]) -> TokenCounts:
    """Count the fast way, prompts and totals of a batch in one go because starting an encoder has its price."""
    parts: list[tuple[Counts, Counts]] = []
    set_aside = 0
    for first, batch in _batches(conversations):
        prompts = _render(model, first, batch, prompt=True)
        encoded = model.encoder.encode(prompts + _render(model, first, batch, prompt=False))
        parts.append((encoded.counts[: len(prompts)], encoded.counts[len(prompts) :]))
        set_aside += encoded.set_aside
    method = CountingMethod(model.encoder.path, 0, (), model.encoder.reason, set_aside)
    return _together(parts, method)


def _together(parts: Sequence[tuple[Counts, Counts]], method: CountingMethod) -> TokenCounts:
    """``parts`` hold the prompts and the totals of a batch each."""
    none = np.zeros(0, np.int64)
    prompt, total = (np.concatenate([none, *(part[place] for part in parts)]) for place in (0, 1))
    return TokenCounts(prompt, total, method)


def _batches(conversations: Iterable[Conversation]) -> Iterator[tuple[int, list[Conversation]]]:
    """Some conversations at a time, with the place of the first, for their texts take a multiple of the raw file."""
    batch: list[Conversation] = []
    first = characters = 0
    for place, conversation in enumerate(conversations):
        batch.append(conversation)
        characters += _characters(conversation)
        if characters >= BATCH_CHARACTERS:
            yield first, batch
            batch, first, characters = [], place + 1, 0
    if batch:
        yield first, batch


def _characters(conversation: Conversation) -> int:
    return sum([len(message["content"]) for message in conversation])


def _render(model: ModelTokenizer, first: int, conversations: list[Conversation], *, prompt: bool) -> list[str]:
    """The template's texts, which hold the special tokens already, so that none are added when encoded."""
    given = [conversation[:-1] for conversation in conversations] if prompt else conversations
    try:
        return model.rendering.texts(given, add_generation_prompt=prompt)
    except (jinja2.TemplateError, ValueError, TypeError, KeyError) as error:
        place = first + _first_refused(model, given, prompt=prompt)
        raise TokenizerError(
            f"the chat template of {model.identity.id} refuses conversation {place} (counted from 0): {error}; "
            "correct the raw row, or the model's tokenizer id"
        ) from error


def _first_refused(model: ModelTokenizer, conversations: Sequence[Conversation], *, prompt: bool) -> int:
    for place, conversation in enumerate(conversations):
        try:
            model.rendering.texts([conversation], add_generation_prompt=prompt)
        except (jinja2.TemplateError, ValueError, TypeError, KeyError):
            return place
    return -1
