"""The tokens of texts: with gigatoken where it is exact, else with the tokenizers library."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Protocol

import gigatoken
import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from persona_assets.tokens.spans import Ids

Counts = npt.NDArray[np.int64]

BATCH = 256
"""Most texts that the tokenizers library encodes at once; its encodings take a hundred bytes per token."""
BATCH_CHARACTERS_ENCODED = 1_000_000
"""Most characters in such a batch."""
BATCH_CHARACTERS = 8_000_000
"""Most characters that gigatoken encodes at once. It takes four bytes per token and up to 20 ms per call (Gemma)."""
RENEW_AFTER_CHARACTERS = 192_000_000
"""gigatoken 0.10 caches every word and cannot be cleared, so the encoder is recreated."""

_ASCII = bytes(range(128))


@dataclass(frozen=True)
class Encoded:
    ids: Sequence[Ids]
    """The tokens of each text."""
    set_aside: int
    """Number of texts that the tokenizers library encoded instead, because of their characters."""

    @property
    def counts(self) -> Counts:
        return np.array([len(ids) for ids in self.ids], dtype=np.int64)


class Encoder(Protocol):
    """Encodes texts that already contain their special tokens. It adds none."""

    path: str
    reason: str | None
    """Why a faster encoder is not used, if it is not."""

    def encode(self, texts: Sequence[str]) -> Encoded: ...


class TokenizersEncoder:
    """The tokenizers library, which transformers uses too."""

    path = "tokenizers"

    def __init__(self, backend: Tokenizer, reason: str | None = None) -> None:
        self.reason = reason
        self._backend = backend

    def encode(self, texts: Sequence[str]) -> Encoded:
        ids = [
            np.array(encoding.ids, dtype=np.uint32)
            for batch, _ in _split_into_batches(texts, BATCH, BATCH_CHARACTERS_ENCODED)
            for encoding in self._backend.encode_batch_fast(batch, add_special_tokens=False)
        ]
        return Encoded(ids, 0)


class GigatokenEncoder:
    """gigatoken, built from the tokenizer that transformers uses, for the texts on which it is exact."""

    path = "gigatoken"
    reason: str | None = None

    def __init__(self, backend: Tokenizer) -> None:
        self._backend = backend
        self._aside = TokenizersEncoder(backend)
        self._encoded_characters = 0
        self._fast: Any = None
        self._renew()

    def encode(self, texts: Sequence[str]) -> Encoded:
        familiar = [is_familiar(text) for text in texts]
        fast = self._encode([text for text, known in zip(texts, familiar, strict=True) if known])
        aside = self._aside.encode([text for text, known in zip(texts, familiar, strict=True) if not known]).ids
        slow = iter(aside)
        return Encoded([next(fast if known else slow) for known in familiar], len(aside))

    def _encode(self, texts: list[str]) -> Iterator[Ids]:
        for batch, characters in _split_into_batches(texts, len(texts), BATCH_CHARACTERS):
            if self._encoded_characters > RENEW_AFTER_CHARACTERS:
                self._renew()
            self._encoded_characters += characters
            # Worker processes share the cores, so each of them must use only one.
            layout = self._fast.encode_batch(batch, parallel=False).layout
            ids, borders = np.asarray(layout.content.data), np.asarray(layout.offsets.data).tolist()
            yield from [ids[start:end] for start, end in pairwise(borders)]

    def _renew(self) -> None:
        self._fast = None
        # As bytes, because a single emoji in the vocabulary makes each character of a string take four bytes.
        saved = self._backend.to_str().encode()
        self._fast = gigatoken.Tokenizer.from_json(saved).backend
        self._encoded_characters = 0


def choose_encoder(backend: Tokenizer) -> Encoder:
    """Return the fastest encoder that supports this kind of tokenizer."""
    try:
        return GigatokenEncoder(backend)
    except Exception as error:  # noqa: BLE001  (it defines no exceptions, and there is a fallback)
        return TokenizersEncoder(backend, reason=f"gigatoken cannot load it: {str(error).splitlines()[0]}")


def is_familiar(text: str) -> bool:
    """Whether gigatoken and the tokenizers library agree on which of its characters are letters, digits and marks.

    Their tables come from different versions of Unicode, and differ in characters that are newer than one of them.
    """
    return text.isascii() or all(map(_is_familiar_character, set(text.encode().translate(None, _ASCII).decode())))


@lru_cache(maxsize=1 << 16)
def _is_familiar_character(character: str) -> bool:
    """Whether it is in Unicode 3.2, which is older than both tables, or in a block that contains only symbols."""
    return (
        unicodedata.ucd_3_2_0.category(character) != "Cn"
        or "\u2600" <= character <= "\u27bf"
        or "\u2b00" <= character <= "\u2bff"
        or "\U0001f000" <= character <= "\U0001faff"
    )


def _split_into_batches(texts: Sequence[str], most: int, most_characters: int) -> Iterator[tuple[list[str], int]]:
    batch: list[str] = []
    characters = 0
    for text in texts:
        batch.append(text)
        characters += len(text)
        if len(batch) >= most or characters >= most_characters:
            yield batch, characters
            batch, characters = [], 0
    if batch:
        yield batch, characters
