"""Counting the tokens of conversations exactly as ``apply_chat_template(messages, tokenize=True)`` would."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import jinja2
import numpy as np
from msgspec.structs import replace as change

from persona_assets.errors import TokenizerError
from persona_assets.tokens.concatenation import Conversation
from persona_assets.tokens.encoding import BATCH_CHARACTERS, Counts
from persona_assets.tokens.hard_conversations import (
    choose_places,
    count_by_transformers,
    keep_accepted,
    make_nasty_conversations,
)
from persona_assets.tokens.identity import CountingMethod
from persona_assets.tokens.loading import ModelTokenizer

LONGEST_SAMPLED = 200_000
"""Most characters of a conversation counted a second time: transformers takes hundreds of bytes per token."""


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
class _TrackRecord:
    """How fast counting with one tokenizer and template has fared in this process, compared with transformers."""

    verified: int
    mismatches: tuple[str, ...]


_track_records: dict[str, _TrackRecord] = {}


def count_tokens(model: ModelTokenizer, conversations: Sequence[Conversation]) -> TokenCounts:
    """Count every conversation, which must end with the assistant's answer.

    The fast way is compared with transformers on a fixed set of conversations first, and then on a sample of these.
    After any difference, this process counts with transformers alone, beginning with all of these again.

    Args:
        conversations: read in order, with one batch in memory at a time.

    Raises:
        TokenizerError: the chat template refuses a conversation. Counts are never approximated.
    """
    record = _track_records.get(model.identity.key) or _verify(model)
    if not record.mismatches:
        counts = _count(model, conversations)
        sampled = _choose_sample(conversations)
        found = _find_differences(model, sampled, counts)
        verified = record.verified + len(sampled)
        if not found:
            return replace(counts, method=change(counts.method, verified=verified))
        record = _track_records[model.identity.key] = _TrackRecord(verified, found)
    return _count_by_transformers(model, conversations, record)


def _verify(model: ModelTokenizer) -> _TrackRecord:
    conversations = keep_accepted(model.rendering, make_nasty_conversations())
    found = _find_differences(model, dict(enumerate(conversations)), _count(model, conversations))
    record = _track_records[model.identity.key] = _TrackRecord(len(conversations), found)
    return record


def _choose_sample(conversations: Sequence[Conversation]) -> dict[int, Conversation]:
    """Choose some conversations, by place, but none so long that transformers would fill the memory of a worker."""
    chosen = {place: conversations[place] for place in choose_places(len(conversations))}
    return {place: one for place, one in chosen.items() if _count_characters(one) <= LONGEST_SAMPLED}


def _find_differences(
    model: ModelTokenizer, conversations: Mapping[int, Conversation], counts: TokenCounts
) -> tuple[str, ...]:
    """Describe where transformers counts these conversations differently. Their keys are their places."""
    prompt, total = count_by_transformers(model.rendering, list(conversations.values()))
    return tuple(
        f"conversation {place}: {counts.prompt[place]} prompt and {counts.total[place]} tokens in all, "
        f"transformers {prompt[at]} and {total[at]}"
        for at, place in enumerate(conversations)
        if (counts.prompt[place], counts.total[place]) != (prompt[at], total[at])
    )


def _count_by_transformers(
    model: ModelTokenizer, conversations: Sequence[Conversation], record: _TrackRecord
) -> TokenCounts:
    parts: list[tuple[Counts, Counts]] = []
    for first, batch in _split_batches(conversations):
        # Rendered first, so that the error names the conversation that the template refuses.
        for prompt in (True, False):
            _render(model, first, batch, prompt=prompt)
        parts.append(count_by_transformers(model.rendering, batch))
    reason = f"{model.encoder.path} gave other counts than transformers"
    method = CountingMethod("transformers", record.verified, record.mismatches, reason)
    return _join_parts(parts, method)


def _count(model: ModelTokenizer, conversations: Sequence[Conversation]) -> TokenCounts:
    """Count the fast way. Prompts and totals of a batch are encoded together, because each call takes time."""
    parts: list[tuple[Counts, Counts]] = []
    set_aside = 0
    for first, batch in _split_batches(conversations):
        prompts = _render(model, first, batch, prompt=True)
        encoded = model.encoder.encode(prompts + _render(model, first, batch, prompt=False))
        parts.append((encoded.counts[: len(prompts)], encoded.counts[len(prompts) :]))
        set_aside += encoded.set_aside
    method = CountingMethod(model.encoder.path, 0, (), model.encoder.reason, set_aside)
    return _join_parts(parts, method)


def _join_parts(parts: Sequence[tuple[Counts, Counts]], method: CountingMethod) -> TokenCounts:
    """Each of ``parts`` holds the prompts and the totals of one batch."""
    none = np.zeros(0, np.int64)
    prompt, total = (np.concatenate([none, *(part[place] for part in parts)]) for place in (0, 1))
    return TokenCounts(prompt, total, method)


def _split_batches(conversations: Iterable[Conversation]) -> Iterator[tuple[int, list[Conversation]]]:
    """Yield batches, each with the place of its first: all texts at once would take a multiple of the raw file."""
    batch: list[Conversation] = []
    first = characters = 0
    for place, conversation in enumerate(conversations):
        batch.append(conversation)
        characters += _count_characters(conversation)
        if characters >= BATCH_CHARACTERS:
            yield first, batch
            batch, first, characters = [], place + 1, 0
    if batch:
        yield first, batch


def _count_characters(conversation: Conversation) -> int:
    return sum([len(message["content"]) for message in conversation])


def _render(model: ModelTokenizer, first: int, conversations: list[Conversation], *, prompt: bool) -> list[str]:
    """Apply the template. Its texts already contain the special tokens, so none are added when they are encoded."""
    given = [conversation[:-1] for conversation in conversations] if prompt else conversations
    try:
        return model.rendering.texts(given, add_generation_prompt=prompt)
    except (jinja2.TemplateError, ValueError, TypeError, KeyError) as error:
        place = first + _find_refused(model, given, prompt=prompt)
        raise TokenizerError(
            f"the chat template of {model.identity.id} refuses conversation {place} (counted from 0): {error}; "
            "correct the raw row, or the model's tokenizer id"
        ) from error


def _find_refused(model: ModelTokenizer, conversations: Sequence[Conversation], *, prompt: bool) -> int:
    for place, conversation in enumerate(conversations):
        try:
            model.rendering.texts([conversation], add_generation_prompt=prompt)
        except (jinja2.TemplateError, ValueError, TypeError, KeyError):
            return place
    return -1
