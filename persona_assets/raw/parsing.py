"""Turning one line of JSON into a row, or a rejection with its reason.

``parse_line`` first tries a typed decoder, which accepts exactly the common, faultless shape. Whatever
it refuses goes through ``diagnose``, which defines the rules and is slower because it explains.
"""

import json
import re
from collections import Counter
from typing import Any

import msgspec

from persona_assets.json_nesting import parse_nested
from persona_assets.raw.grammar import FIELDS, OPTIONAL_FIELDS, RowGrammar
from persona_assets.raw.rows import (
    MOST_TOKENS,
    ChatMessage,
    Note,
    ParsedRow,
    RawRow,
    Reason,
    Rejection,
    RowRules,
    printable,
)

_KEY_TYPES = {str: "a string", int: "an integer", list: "a list"}
_KEY_AND_SPACE = re.compile(rb'"[ \t\r]+:')
"""A key that the count of keys would miss. One search costs a third of one for each kind of white space."""
_MESSAGE_KEYS = {"role": str, "content": str}


class _DuplicateKeyError(Exception):
    """Carries a repeated key out of the JSON parser's hook."""


class _Problem(Exception):  # noqa: N818 - carries a rejection out of nested checks; never leaves this module
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.rejection = Rejection(reason, detail)


def parse_line(line: bytes, rules: RowRules, grammar: RowGrammar, number: int = 1) -> ParsedRow | Rejection:
    """Parse one line (without its line end) into a row, or say why it cannot be one."""
    try:
        row = grammar.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return diagnose(line, rules, grammar, number)
    # msgspec keeps the last of duplicate keys, so the fast path must see exactly the number of those without which
    # there is no row; a line that tells more is read the other way.
    keys_expected = len(FIELDS) + 2 * len(row.conversation)
    if line.count(b'":') != keys_expected or _KEY_AND_SPACE.search(line):
        return diagnose(line, rules, grammar, number)
    label = rules.words.current.get(row.label)
    if label is None or rules.problem(row) or _answers(row) > 1 or b"\\u0000" in line:
        return diagnose(line, rules, grammar, number)
    row.label = label
    return ParsedRow(row)


def diagnose(line: bytes, rules: RowRules, grammar: RowGrammar, number: int = 1) -> ParsedRow | Rejection:
    """Apply the full rules, which allow everything that a row may be, and name the first fault."""
    notes: list[Note] = []
    try:
        record = _load_object(line)
        if grammar.complete and isinstance(rejection := grammar.complete(record, number), Rejection):
            return rejection
        if grammar.legacy_prompt_index and grammar.fields["prompt_index"] not in record:
            record[grammar.fields["prompt_index"]] = 0
            notes.append(Note.LEGACY_PROMPT_INDEX)
        row = _row(record, grammar)
    except _Problem as problem:
        return problem.rejection
    if broken := rules.problem(row):
        return broken
    if (tokens := row.generated_tokens) is not None and not 0 <= tokens < MOST_TOKENS:
        return Rejection(Reason.WRONG_TYPE, f"{grammar.optional_fields['generated_tokens']} is no number of tokens")
    if row.label in rules.words.legacy:
        notes.append(Note.LEGACY_LABEL)
    row.label = rules.words.label(row.label)
    extra = tuple(printable(name) for name in record if name not in grammar.names)
    return ParsedRow(row, (*notes, *_unusual(row, extra)), extra)


def _row(record: dict[str, Any], grammar: RowGrammar) -> RawRow:
    _check_types(record, grammar)
    values = {name: record[written] for name, written in grammar.fields.items()}
    told = {name: record.get(written) for name, written in grammar.optional_fields.items()}
    values |= {name: value for name, value in told.items() if value is not None}
    conversation = grammar.fields["conversation"]
    messages = [_message(f"{conversation}[{place}]", item) for place, item in enumerate(values["conversation"])]
    return RawRow(**(values | {"conversation": messages}))


def _unusual(row: RawRow, extra: tuple[str, ...]) -> list[Note]:
    found = {
        Note.EXTRA_FIELD: bool(extra),
        Note.EXTRA_TURNS: _answers(row) > 1,
        Note.ESCAPED_NUL: any("\0" in text for text in _texts(row)),
    }
    return [note for note, holds in found.items() if holds]


def _answers(row: RawRow) -> int:
    return [message.role for message in row.conversation].count("assistant")


def _texts(row: RawRow) -> list[str]:
    return [row.system_prompt, row.question, *(message.content for message in row.conversation)]


def _load_object(line: bytes) -> dict[str, Any]:
    if not line.strip():
        raise _Problem(Reason.BLANK_LINE, "the line is blank")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise _Problem(Reason.INVALID_UTF8, f"byte {error.start} of the line: {error.reason}") from error
    text = text.strip(" \t\r\n")
    try:
        value, end = parse_nested(line, lambda: _scan.raw_decode(text))
    except _DuplicateKeyError as error:
        raise _Problem(Reason.DUPLICATE_JSON_KEY, f"key {str(error)[:80]!r} occurs twice") from error
    except ValueError as error:
        raise _Problem(Reason.INVALID_JSON, str(error)[:200]) from error
    if end < len(text):
        raise _Problem(Reason.TRAILING_DATA, f"data after the object, from character {end + 1}")
    if not isinstance(value, dict):
        raise _Problem(Reason.NOT_AN_OBJECT, f"the line is {_type_name(value)}, not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        (most_repeated, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise _DuplicateKeyError(most_repeated)
    return record


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_scan = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _check_types(record: dict[str, Any], grammar: RowGrammar) -> None:
    for field, wanted in FIELDS.items():
        name = grammar.fields[field]
        if name not in record:
            raise _Problem(Reason.MISSING_FIELD, f"field {name!r} is missing")
        value = record[name]
        if field == "conversation" and value is None:
            raise _Problem(Reason.EMPTY_CONVERSATION, f"{name} is null")
        _check_value(name, value, wanted)
    for field, wanted in OPTIONAL_FIELDS.items():
        value = record.get(grammar.optional_fields[field])
        if value is not None:
            _check_value(grammar.optional_fields[field], value, wanted)


def _check_value(name: str, value: Any, wanted: type) -> None:
    if type(value) is not wanted:
        raise _Problem(Reason.WRONG_TYPE, f"{name} is {_type_name(value)}, not {_KEY_TYPES[wanted]}")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            detail = f"{name} holds half of a surrogate pair at character {error.start + 1}"
            raise _Problem(Reason.LONE_SURROGATE, detail) from error


def _message(where: str, item: Any) -> ChatMessage:
    if not isinstance(item, dict):
        raise _Problem(Reason.WRONG_TYPE, f"{where} is {_type_name(item)}, not an object")
    for name, wanted in _MESSAGE_KEYS.items():
        if name not in item:
            raise _Problem(Reason.MISSING_FIELD, f"{where}.{name} is missing")
        _check_value(f"{where}.{name}", item[name], wanted)
    unexpected = [name for name in item if name not in _MESSAGE_KEYS]
    if unexpected:
        detail = f"{where} has the key {unexpected[0][:80]!r}, which chat messages here do not carry"
        raise _Problem(Reason.UNEXPECTED_MESSAGE_KEY, detail)
    return ChatMessage(**item)


def _type_name(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "an integer", float: "a number with a fraction", str: "a string"}
    return names.get(type(value), "a list" if isinstance(value, list) else "an object")
