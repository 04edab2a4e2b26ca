"""Whose a row is: the persona and the kind that it names, or that the name and folder of its file give."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec

from persona_assets.chat_fields import ChatFields
from persona_assets.errors import InvalidNameError
from persona_assets.json_nesting import parse_nested
from persona_assets.keys import DatasetKey
from persona_assets.raw.layouts.chat_data.search import ChatFile
from persona_assets.raw.layouts.chat_data.tables import Told
from persona_assets.raw.lines import Line


class Owners:
    """Tells the key of each row of one file."""

    def __init__(self, model: str, file: ChatFile, fields: ChatFields) -> None:
        kind_field = None if file.kind_name else fields.kind_field
        self.fields = tuple(field for field in (fields.persona, kind_field) if field)
        """The fields that tell; none if all rows are of one key."""
        self._model = model
        self._persona_field, self._kind_field = fields.persona, kind_field
        self._persona, self._kind = file.persona, file.kind_name or fields.kind
        self._personas = fields.personas
        self._decode = _decoder(self.fields)
        self._known: dict[tuple[object, ...], DatasetKey | str] = {}

    def of_file(self) -> DatasetKey | str:
        """The key of all rows, if they do not tell it; or what is wrong with its name."""
        try:
            return DatasetKey(self._model, self._kind, self._persona)
        except InvalidNameError as error:
            return str(error)

    def of_line(self, line: Line, max_bytes: int) -> DatasetKey | str:
        """The key of a line of JSON, of which only what names it is decoded; or why it has none."""
        if line.length > max_bytes:
            return "the line is longer than PERSONA_MAX_LINE_BYTES"
        content = line.content
        try:
            told = parse_nested(content, lambda: self._decode(content))
        except (msgspec.MsgspecError, ValueError):
            return "the line is not a JSON object"
        return self.of_row(told)

    def of_row(self, told: Told) -> DatasetKey | str:
        """The key of a row that says so much; or why it has none."""
        named: dict[str, str] = {}
        for field in self.fields:
            value = told.get(field)
            if not isinstance(value, str):
                return f"no text in the field {field!r}"
            named[field] = value
        values = tuple(named.values())
        if values not in self._known:
            self._known[values] = self._name(named)
        return self._known[values]

    def _name(self, named: Mapping[str, str]) -> DatasetKey | str:
        kind = named[self._kind_field] if self._kind_field else self._kind
        persona = named[self._persona_field] if self._persona_field else self._persona
        try:
            return DatasetKey(self._model, kind, self._personas.get(persona, persona))
        except InvalidNameError as error:
            return str(error).removesuffix("; rename the raw file or folder")


@cache
def _decoder(fields: tuple[str, ...]) -> Callable[[bytes], Told]:
    names = {f"field_{place}": field for place, field in enumerate(fields)}
    head = msgspec.defstruct("Head", [(name, Any, None) for name in names], rename=names)
    decode = msgspec.json.Decoder(head).decode
    return lambda line: dict(zip(fields, msgspec.structs.astuple(decode(line)), strict=True))
