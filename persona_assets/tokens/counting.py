"""Counting the tokens of conversations exactly as ``apply_chat_template(messages, tokenize=True)`` would."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
import numpy as np
import numpy.typing as npt

from persona_assets.errors import TokenizerError
from persona_assets.tokens.loading import ModelTokenizer

Conversation = list[dict[str, str]]
BATCH = 256

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TokenCounts:
    """Tokens per conversation, in the order given; shape (conversations,)."""

    prompt: Counts
    """Everything the model was given before its last answer, the generation prompt included."""
    total: Counts

    @property
    def assistant(self) -> Counts:
        """The last answer, with the tokens that end its turn."""
        return self.total - self.prompt


def count_tokens(model: ModelTokenizer, conversations: Sequence[Conversation]) -> TokenCounts:
    """Count every conversation, which must end with the assistant's answer.

    The template's text already holds the special tokens, so none are added when it is encoded.

    Raises:
        TokenizerError: the chat template refuses a conversation; there is no approximation.
    """
    questions = [conversation[:-1] for conversation in conversations]
    return TokenCounts(
        prompt=_encode(model, _render(model, questions, add_generation_prompt=True)),
        total=_encode(model, _render(model, conversations, add_generation_prompt=False)),
    )


def _render(
    model: ModelTokenizer, conversations: Sequence[Conversation], *, add_generation_prompt: bool
) -> list[str]:
    def render(batch: Any) -> Any:
        return model.tokenizer.apply_chat_template(batch, tokenize=False, add_generation_prompt=add_generation_prompt)

    try:
        texts: list[str] = render(list(conversations)) if conversations else []
    except (jinja2.TemplateError, ValueError, TypeError, KeyError) as error:
        place = _first_refused(render, conversations)
        raise TokenizerError(
            f"the chat template of {model.identity.id} refuses conversation {place} (counted from 0): {error}; "
            "correct the raw row, or the model's tokenizer id"
        ) from error
    return texts


def _first_refused(render: Any, conversations: Sequence[Conversation]) -> int:
    for place, conversation in enumerate(conversations):
        try:
            render(conversation)
        except (jinja2.TemplateError, ValueError, TypeError, KeyError):
            return place
    return -1


def _encode(model: ModelTokenizer, texts: list[str]) -> Counts:
    """Lengths of the encodings, which themselves take a hundred bytes a token and so are made in batches."""
    encode = model.tokenizer.backend_tokenizer.encode_batch_fast
    lengths = [
        len(encoding)
        for start in range(0, len(texts), BATCH)
        for encoding in encode(texts[start : start + BATCH], add_special_tokens=False)
    ]
    return np.array(lengths, dtype=np.int64)
