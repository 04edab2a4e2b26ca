"""What a row of chat data leaves out: its prompt and question, and which of them it is, from the conversation."""

from collections.abc import Hashable
from typing import Any, NamedTuple

from persona_assets.chat_fields import ChatFields
from persona_assets.raw.grammar import FIELDS, OPTIONAL_FIELDS, RowGrammar

JUDGED = ("score", "coherence", "judge_response")
_WHOLE_NUMBERS = ("prompt_index", "question_index", "sample_index", "generated_tokens")


class Judged(NamedTuple):
    """What a row says of the judge, before it is checked."""

    score: object = None
    coherence: object = None
    response: object = None


class Completion:
    """Completes the rows of one key, in their order: an index is where its text first appears.

    Args:
        fields: what the row's fields are called.
        may_lack: whether what is missing in a row is derived even if ``fields`` names it.
        label: the label of rows that do not tell theirs.
    """

    def __init__(self, fields: ChatFields, *, may_lack: bool, label: str) -> None:
        by_name = dict(fields.by_name)
        self._fields = {
            name: by_name["messages"] if name == "conversation" else by_name.get(name, f"({name})")
            for name in (*FIELDS, *OPTIONAL_FIELDS)
        }
        self._named = {name for name in by_name if name in FIELDS or name in OPTIONAL_FIELDS}
        self._judged = {name: by_name[name] for name in JUDGED if name in by_name}
        self._owners = [by_name[name] for name in ("persona", "kind_field") if name in by_name]
        self._may_lack = may_lack
        self._label = label
        self._words = fields.labels
        self._places: dict[tuple[str, ...], dict[str, int]] = {}
        self._samples: dict[Hashable, int] = {}
        self.judged = Judged()
        """What the row completed last says of the judge."""
        self.grammar = RowGrammar(self._fields, complete=self._complete)

    def _complete(self, record: dict[str, Any], _number: int) -> None:
        for field in self._owners:
            record.pop(field, None)
        told = {name: record.pop(field, None) for name, field in self._judged.items()}
        self.judged = Judged(*(told.get(name) for name in JUDGED))
        for name in _WHOLE_NUMBERS:
            _make_whole(record, self._fields[name])
        self._derive_texts(record)
        self._derive_indices(record)

    def _derive_texts(self, record: dict[str, Any]) -> None:
        turns = _turns(record.get(self._fields["conversation"]))
        if self._is_left_out("system_prompt", record):
            leading = turns[0] if turns else ("", "")
            record[self._fields["system_prompt"]] = leading[1] if leading[0] == "system" else ""
        if self._is_left_out("question", record):
            asked = [content for role, content in turns if role == "user"]
            record[self._fields["question"]] = asked[-1] if asked else ""
        label = self._fields["label"]
        if self._is_left_out("label", record):
            record[label] = self._label
        elif isinstance(record.get(label), str):
            record[label] = self._words.get(record[label], record[label])

    def _derive_indices(self, record: dict[str, Any]) -> None:
        label, prompt, question = (record.get(self._fields[name]) for name in ("label", "system_prompt", "question"))
        if self._is_left_out("prompt_index", record):
            record[self._fields["prompt_index"]] = self._place_of(prompt, "prompt", str(label))
        if self._is_left_out("question_index", record):
            record[self._fields["question_index"]] = self._place_of(question, "question")
        if record.get(self._fields["sample_index"]) is None:
            record[self._fields["sample_index"]] = self._next_sample(record)

    def _is_left_out(self, name: str, record: dict[str, Any]) -> bool:
        return name not in self._named or (self._may_lack and record.get(self._fields[name]) is None)

    def _place_of(self, text: object, *group: str) -> int:
        """How many other texts of its group were there before it was."""
        if not isinstance(text, str):  # which the rules refuse
            return 0
        places = self._places.setdefault(group, {})
        return places.setdefault(text, len(places))

    def _next_sample(self, record: dict[str, Any]) -> int:
        cell = tuple(record.get(self._fields[name]) for name in ("label", "prompt_index", "question_index"))
        if not all(isinstance(part, str | int) for part in cell):  # which the rules refuse
            return 0
        number = self._samples.get(cell, 0)
        self._samples[cell] = number + 1
        return number


def _turns(messages: object) -> list[tuple[str, str]]:
    """Role and content of every turn that has both; the rules refuse a conversation with any other."""
    items = messages if isinstance(messages, list) else []
    pairs = [(item.get("role"), item.get("content")) for item in items if isinstance(item, dict)]
    return [(role, content) for role, content in pairs if isinstance(role, str) and isinstance(content, str)]


def _make_whole(record: dict[str, Any], field: str) -> None:
    """pandas writes integers as 3.0 where some are missing."""
    value = record.get(field)
    if isinstance(value, float) and value.is_integer():
        record[field] = int(value)
