"""Counting the tokens of conversations exactly as ``apply_chat_template(messages, tokenize=True)`` would."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import jinja2

from persona_assets.errors import TokenizerError
from persona_assets.tokens.concatenation import Conversation
from persona_assets.tokens.encoding import Counts
from persona_assets.tokens.loading import ModelTokenizer
from persona_assets.tokens.verification import (
    accepted,
    nasty_conversations,
    reference_counts,
    sample_places,
)


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

    Raises:
        TokenizerError: the chat template refuses a conversation; there is no approximation.
    """
    standing = _standings.get(model.identity.key) or _verify(model)
    if not standing.mismatches:
        counts = _count(model, conversations)
        places = sample_places(len(conversations))
        found = _differences(model, conversations, counts, places)
        verified = standing.verified + len(places)
        if not found:
            return replace(counts, method=replace(counts.method, verified=verified))
        standing = _standings[model.identity.key] = _Standing(verified, found)
    return _by_transformers(model, conversations, standing)


def _verify(model: ModelTokenizer) -> _Standing:
    conversations = accepted(model.rendering, nasty_conversations())
    found = _differences(model, conversations, _count(model, conversations), range(len(conversations)))
    standing = _standings[model.identity.key] = _Standing(len(conversations), found)
    return standing


def _differences(
    model: ModelTokenizer, conversations: Sequence[Conversation], counts: TokenCounts, places: Sequence[int]
) -> tuple[str, ...]:
    """What transformers counts differently in the conversations at these places, in words."""
    prompt, total = reference_counts(model.rendering, [conversations[place] for place in places])
    return tuple(
        f"conversation {place}: {counts.prompt[place]} prompt and {counts.total[place]} tokens in all, "
        f"transformers {prompt[at]} and {total[at]}"
        for at, place in enumerate(places)
        if (counts.prompt[place], counts.total[place]) != (prompt[at], total[at])
    )


def _by_transformers(
    model: ModelTokenizer, conversations: Sequence[Conversation], standing: _Standing
) -> TokenCounts:
    # Rendering them first names the conversation that the template refuses.
    for prompt in (True, False):
        _render(model, conversations, prompt=prompt)
    reason = f"{model.encoder.path} gave other counts than transformers"
    method = CountingMethod("transformers", standing.verified, standing.mismatches, reason)
    return TokenCounts(*reference_counts(model.rendering, conversations), method)


def _count(model: ModelTokenizer, conversations: Sequence[Conversation]) -> TokenCounts:
    """Count the fast way, prompts and totals in one go because starting an encoder has its price."""
    prompts = _render(model, conversations, prompt=True)
    encoded = model.encoder.encode(prompts + _render(model, conversations, prompt=False))
    prompt, total = encoded.counts[: len(prompts)], encoded.counts[len(prompts) :]
    method = CountingMethod(model.encoder.path, 0, (), model.encoder.reason, encoded.set_aside)
    return TokenCounts(prompt, total, method)


def _render(model: ModelTokenizer, conversations: Sequence[Conversation], *, prompt: bool) -> list[str]:
    """The template's texts, which hold the special tokens already, so that none are added when encoded."""
    given = [conversation[:-1] for conversation in conversations] if prompt else conversations
    try:
        return model.rendering.texts(given, add_generation_prompt=prompt)
    except (jinja2.TemplateError, ValueError, TypeError, KeyError) as error:
        place = _first_refused(model, given, prompt=prompt)
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
