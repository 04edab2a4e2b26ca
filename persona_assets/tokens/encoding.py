"""How many tokens texts have: by gigatoken where it is exact, else by the tokenizers library."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import gigatoken
import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

Counts = npt.NDArray[np.int64]

BATCH = 256
"""Texts encoded at once by the tokenizers library, whose encodings take a hundred bytes a token."""
BATCH_CHARACTERS_ENCODED = 1_000_000
"""After how many characters such a batch ends in any case."""
BATCH_CHARACTERS = 8_000_000
"""Texts given to gigatoken at once; it takes four bytes a token, and starting it costs up to 20 ms (Gemma)."""
RENEW_AFTER_CHARACTERS = 192_000_000
"""gigatoken 0.10 remembers every word it has met and cannot forget; a new one starts with an empty memory."""

_ASCII = bytes(range(128))


@dataclass(frozen=True)
class Encoded:
    counts: Counts
    set_aside: int
    """Texts not given to the encoder because of their characters, but to the tokenizers library."""


class Encoder(Protocol):
    """Counts the tokens of texts that already hold their special tokens; none are added."""

    path: str
    reason: str | None
    """Why a faster encoder is not used."""

    def encode(self, texts: Sequence[str]) -> Encoded: ...


class TokenizersEncoder:
    """The tokenizers library, which transformers itself encodes with."""

    path = "tokenizers"

    def __init__(self, backend: Tokenizer, reason: str | None = None) -> None:
        self.reason = reason
        self._backend = backend

    def encode(self, texts: Sequence[str]) -> Encoded:
        lengths = [
            len(encoding)
            for batch, _ in _batches(texts, BATCH, BATCH_CHARACTERS_ENCODED)
            for encoding in self._backend.encode_batch_fast(batch, add_special_tokens=False)
        ]
        return Encoded(np.array(lengths, dtype=np.int64), 0)


class GigatokenEncoder:
    """gigatoken, made of the very tokenizer that transformers encodes with, for the texts it is exact on."""

    path = "gigatoken"
    reason: str | None = None

    def __init__(self, backend: Tokenizer) -> None:
        self._backend = backend
        self._aside = TokenizersEncoder(backend)
        self._encoded_characters = 0
        self._fast: Any = None
        self._renew()

    def encode(self, texts: Sequence[str]) -> Encoded:
        counts = np.zeros(len(texts), dtype=np.int64)
        familiar = [is_familiar(text) for text in texts]
        mask = np.array(familiar, dtype=bool)
        counts[mask] = self._encode([text for text, known in zip(texts, familiar, strict=True) if known])
        aside = [text for text, known in zip(texts, familiar, strict=True) if not known]
        counts[~mask] = self._aside.encode(aside).counts
        return Encoded(counts, len(aside))

    def _encode(self, texts: list[str]) -> Counts:
        lengths = [np.zeros(0, dtype=np.int64)]
        for batch, characters in _batches(texts, len(texts), BATCH_CHARACTERS):
            if self._encoded_characters > RENEW_AFTER_CHARACTERS:
                self._renew()
            self._encoded_characters += characters
            # Worker processes share the cores, so that each must keep to its own.
            encoded = self._fast.encode_batch(batch, parallel=False)
            lengths.append(np.diff(np.asarray(encoded.layout.offsets.data)))
        return np.concatenate(lengths)

    def _renew(self) -> None:
        self._fast = None
        # As bytes, because one emoji in the vocabulary makes every character of the text take four.
        saved = self._backend.to_str().encode()
        self._fast = gigatoken.Tokenizer.from_json(saved).backend
        self._encoded_characters = 0


def choose_encoder(backend: Tokenizer) -> Encoder:
    """The fastest encoder that knows this kind of tokenizer."""
    try:
        return GigatokenEncoder(backend)
    except Exception as error:  # noqa: BLE001  (it names no errors of its own, and there is another way)
        return TokenizersEncoder(backend, reason=f"gigatoken cannot load it: {str(error).splitlines()[0]}")


def is_familiar(text: str) -> bool:
    """Whether gigatoken and the tokenizers library are known to see the same letters, digits and marks in it.

    They carry tables of different Unicode versions and differ in characters that are newer than one of those.
    """
    return text.isascii() or all(map(_is_familiar_character, set(text.encode().translate(None, _ASCII).decode())))


@lru_cache(maxsize=1 << 16)
def _is_familiar_character(character: str) -> bool:
    """One that Unicode 3.2 had, older than all tables concerned, or of the blocks that hold symbols only."""
    return (
        unicodedata.ucd_3_2_0.category(character) != "Cn"
        or "\u2600" <= character <= "\u27bf"
        or "\u2b00" <= character <= "\u2bff"
        or "\U0001f000" <= character <= "\U0001faff"
    )


def _batches(texts: Sequence[str], most: int, most_characters: int) -> Iterator[tuple[list[str], int]]:
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
