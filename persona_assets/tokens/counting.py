"""Counting the tokens of conversations exactly as ``apply_chat_template(messages, tokenize=True)`` would."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from msgspec.structs import replace as change

from persona_assets.tokens.answer_places import REFUSALS, Conversation
from persona_assets.tokens.encoding import BATCH_CHARACTERS, Counts
from persona_assets.tokens.fast_counting import Measured, measure
from persona_assets.tokens.hard_conversations import choose_places, keep_accepted, make_nasty_conversations
from persona_assets.tokens.identity import CountingMethod
from persona_assets.tokens.loading import ModelTokenizer
from persona_assets.tokens.measures import UNKNOWN, spread, tabulate
from persona_assets.tokens.reference import measure_by_transformers

MeasureBatch = Callable[[Sequence[Conversation]], Measured]

LONGEST_SAMPLED = 200_000
"""Most characters of a conversation counted a second time: transformers takes hundreds of bytes per token."""


@dataclass(frozen=True)
class TokenCounts:
    """Tokens per conversation, in the order given; ``UNKNOWN`` where the template refuses it."""

    prompt: Counts
    """Everything the model was given before its last answer, the generation prompt included."""
    total: Counts
    answer_start: Counts
    """Place of the first token of the last answer; ``UNKNOWN`` where no tokens are the answer alone."""
    answer_end: Counts
    """Place after the last token of the answer."""
    method: CountingMethod
    refusals: Mapping[int, str]
    """Why the template refuses a conversation, by its place."""

    @property
    def assistant(self) -> Counts:
        """The last answer, with the tokens that end its turn."""
        return np.where(self.total == UNKNOWN, UNKNOWN, self.total - self.prompt)


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
        conversations: gone through from the first to the last, of which a batch is kept at a time.
    """
    record = _track_records.get(model.identity.key) or _verify(model)
    if not record.mismatches:
        counts = _count(model, conversations)
        sampled = _choose_sample(conversations, counts)
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


def _choose_sample(conversations: Sequence[Conversation], counts: TokenCounts) -> dict[int, Conversation]:
    """Some counted conversations, without those of which transformers alone would fill the memory of a worker."""
    counted = np.flatnonzero(counts.total != UNKNOWN).tolist()
    chosen = {counted[place]: conversations[counted[place]] for place in choose_places(len(counted))}
    return {place: one for place, one in chosen.items() if _count_characters(one) <= LONGEST_SAMPLED}


def _find_differences(
    model: ModelTokenizer, conversations: Mapping[int, Conversation], counts: TokenCounts
) -> tuple[str, ...]:
    """What transformers counts differently in these conversations, by their places, in words."""
    right = measure_by_transformers(model.rendering, list(conversations.values()))
    ours = np.stack([counts.prompt, counts.total, counts.answer_start, counts.answer_end])[:, list(conversations)]
    compared = zip(conversations, ours.T.tolist(), right.T.tolist(), strict=True)
    return tuple(
        f"conversation {place}: {_describe(found)}, transformers {_describe(expected)}"
        for place, found, expected in compared
        if found != expected
    )


def _describe(measures: Sequence[int]) -> str:
    prompt, total, start, end = measures
    return f"{prompt} prompt and {total} tokens in all with the answer at {start}-{end}"


def _count_by_transformers(
    model: ModelTokenizer, conversations: Sequence[Conversation], record: _TrackRecord
) -> TokenCounts:
    def measure_slowly(batch: Sequence[Conversation]) -> Measured:
        return Measured(measure_by_transformers(model.rendering, batch), set_aside=0)

    reason = f"{model.encoder.path} gave other counts than transformers"
    method = CountingMethod("transformers", record.verified, record.mismatches, reason)
    return _count_in_batches(model, conversations, measure_slowly, method)


def _count(model: ModelTokenizer, conversations: Sequence[Conversation]) -> TokenCounts:
    method = CountingMethod(model.encoder.path, 0, (), model.encoder.reason)
    return _count_in_batches(model, conversations, partial(measure, model), method)


def _count_in_batches(
    model: ModelTokenizer, conversations: Iterable[Conversation], measure_batch: MeasureBatch, method: CountingMethod
) -> TokenCounts:
    parts = [tabulate([])]
    refusals: dict[int, str] = {}
    set_aside = 0
    for first, batch in _split_batches(conversations):
        refused: dict[int, str] = {}
        try:
            measured = measure_batch(batch)
        except REFUSALS:
            refused = _find_refusals(model, batch)
            if not refused:
                raise
            measured = _measure_others(batch, refused, measure_batch)
        parts.append(measured.measures)
        refusals |= {first + place: reason for place, reason in refused.items()}
        set_aside += measured.set_aside
    prompt, total, start, end = np.concatenate(parts, axis=1)
    return TokenCounts(prompt, total, start, end, change(method, set_aside=set_aside), refusals)


def _find_refusals(model: ModelTokenizer, batch: Sequence[Conversation]) -> dict[int, str]:
    found = ((place, model.rendering.find_refusal(conversation)) for place, conversation in enumerate(batch))
    return {place: reason for place, reason in found if reason is not None}


def _measure_others(batch: Sequence[Conversation], refused: Collection[int], measure_batch: MeasureBatch) -> Measured:
    accepted = [place for place in range(len(batch)) if place not in refused]
    measured = measure_batch([batch[place] for place in accepted])
    return measured._replace(measures=spread(measured.measures, accepted, len(batch)))


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
