"""How a layout writes a row as one JSON object: what its fields are called, and what it leaves out."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from persona_assets.raw.rows import ChatMessage, NonNegative, RawRow

FIELDS: Mapping[str, type] = {
    "system_prompt": str,
    "label": str,
    "prompt_index": int,
    "conversation": list,
    "question_index": int,
    "question": str,
}
OPTIONAL_FIELDS: Mapping[str, type] = {"sample_index": int, "finish_reason": str, "generated_tokens": int}
"""What a source may tell beyond; a line in which one is null does not tell it."""
_TYPES = {str: str, int: NonNegative, list: list[ChatMessage]}

Complete = Callable[[dict[str, Any], int], object]
"""Adds what the layout leaves out to the object of a line, or returns the ``Rejection`` of one that cannot be right.
Called with the object and the line number."""


class RowGrammar:
    """What a line of JSON must hold to be a row.

    Args:
        names: the layout's names of fields, where they differ from those of ``RawRow``.
        legacy_prompt_index: whether older files lack the prompt index, and mean the first prompt.
        complete: rules out the fast path, because the line alone is not the whole row.
    """

    def __init__(
        self,
        names: Mapping[str, str] | None = None,
        *,
        legacy_prompt_index: bool = False,
        complete: Complete | None = None,
    ) -> None:
        self.fields = {name: (names or {}).get(name, name) for name in FIELDS}
        """The layout's name of each field that every row has."""
        self.optional_fields = {name: (names or {}).get(name, name) for name in OPTIONAL_FIELDS}
        self.names = frozenset({*self.fields.values(), *self.optional_fields.values()})
        self.legacy_prompt_index = legacy_prompt_index
        self.complete = complete
        self.decode: Callable[[bytes], RawRow] = _refuse if complete else _decoder(self.fields)

    def write(self, row: RawRow) -> dict[str, Any]:
        """The object that would be read as ``row``. The label of ``row`` must be the layout's word."""
        plain = msgspec.to_builtins(row)
        told = {written: plain[name] for name, written in self.optional_fields.items() if plain[name]}
        return {written: plain[name] for name, written in self.fields.items()} | told


def _decoder(fields: Mapping[str, str]) -> Callable[[bytes], RawRow]:
    if all(name == written for name, written in fields.items()):
        return msgspec.json.Decoder(RawRow).decode
    types = [(name, _TYPES[FIELDS[name]]) for name in fields]
    line = msgspec.defstruct("Line", types, rename=dict(fields), forbid_unknown_fields=True, gc=False)
    decode = msgspec.json.Decoder(line).decode
    return lambda text: RawRow(*msgspec.structs.astuple(decode(text)))


def _refuse(_text: bytes) -> RawRow:
    raise msgspec.DecodeError("what is in the line is not the whole row")
