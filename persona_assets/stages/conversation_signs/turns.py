"""The turns of every conversation that signs are looked for in, taken from the dataset's messages at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import pyarrow as pa
import pyarrow.compute as pc

PLAIN_TURNS = 3
"""A conversation of more messages than system, user and assistant has further turns."""


@dataclass(frozen=True)
class Turns:
    """One entry per conversation. Answers stay in Arrow, where they take no second copy and are searched fast."""

    system: Sequence[str | None]
    """The first system turn, None where there is none."""
    user: Sequence[str | None]
    """The first user turn."""
    answers: pa.StringArray
    """The last message."""
    contents: pa.StringArray
    """All messages of all conversations, one after the other."""
    lengths: Sequence[int]
    """How many of ``contents`` each conversation has."""

    @property
    def with_further_turns(self) -> int:
        return sum(length > PLAIN_TURNS for length in self.lengths)


def read_turns(messages: pa.ChunkedArray) -> Turns:
    """Take the turns from a dataset's column ``messages``."""
    lengths: list[int] = pc.list_value_length(messages).to_pylist()
    flat = pc.list_flatten(messages)
    roles: list[str] = pc.struct_field(flat, "role").to_pylist()
    contents = _join(pc.struct_field(flat, "content"))
    offsets = list(accumulate(lengths, initial=0))
    return Turns(
        _take(contents, [_find(roles, "system", *ends) for ends in pairwise(offsets)]).to_pylist(),
        _take(contents, [_find(roles, "user", *ends) for ends in pairwise(offsets)]).to_pylist(),
        _take(contents, [end - 1 if length else None for end, length in zip(offsets[1:], lengths, strict=True)]),
        contents,
        lengths,
    )


def _join(texts: pa.ChunkedArray) -> pa.StringArray:
    """One array of all; a copy only if there are several."""
    return texts.chunk(0) if texts.num_chunks == 1 else texts.combine_chunks()


def _find(roles: Sequence[str], role: str, start: int, end: int) -> int | None:
    return next((place for place in range(start, end) if roles[place] == role), None)


def _take(contents: pa.StringArray, places: Sequence[int | None]) -> pa.StringArray:
    return contents.take(pa.array(places, pa.int64()))
