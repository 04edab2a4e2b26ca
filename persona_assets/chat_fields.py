"""How the plain chat data of one model is written: which of its fields are which, as the settings say."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator, model_validator

from persona_assets.kinds import KINDS

FieldName = Annotated[str, StringConstraints(min_length=1, pattern=r'^[^"\\\x00-\x1f]+$')]
_LABELS = tuple(dict.fromkeys(label for kind in KINDS.values() for label in kind.labels))
_NO_FIELDS = ("kind", "personas", "labels")
"""Entries that do not name a field of the rows."""


class ChatFields(BaseModel):
    """The name of each field in the rows. Where none is given, what it would say is derived from the conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "role"
    """The kind of all personas, unless ``kind_field`` or the folder of the file tells it."""
    kind_field: FieldName | None = None
    persona: FieldName | None = None
    """Unset: the name of the file is the persona."""
    personas: dict[str, str] = {}
    """The name of each persona that the field ``persona`` calls otherwise."""
    messages: FieldName = "messages"
    system_prompt: FieldName | None = None
    question: FieldName | None = None
    label: FieldName | None = None
    labels: dict[str, str] = {}
    """The label that each word of the field ``label`` means."""
    prompt_index: FieldName | None = None
    question_index: FieldName | None = None
    sample_index: FieldName | None = None
    score: FieldName | None = None
    coherence: FieldName | None = None
    judge_response: FieldName | None = None
    finish_reason: FieldName | None = None
    generated_tokens: FieldName | None = None

    @field_validator("kind", mode="after")
    @classmethod
    def _check_kind(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"is not a kind of persona; use {' or '.join(KINDS)}")
        return kind

    @field_validator("labels", mode="after")
    @classmethod
    def _check_labels(cls, labels: dict[str, str]) -> dict[str, str]:
        for word, label in labels.items():
            if label not in _LABELS:
                raise ValueError(f"{word!r} cannot mean {label!r}; a label is one of {', '.join(_LABELS)}")
        return labels

    @model_validator(mode="after")
    def _check_fields(self) -> "ChatFields":
        readers: dict[str, str] = {}
        for name, field in self.by_name.items():
            if field in readers:
                raise ValueError(f"{readers[field]} and {name} are both read from the field {field!r}")
            readers[field] = name
        for words, field in (("labels", "label"), ("personas", "persona")):
            if getattr(self, words) and getattr(self, field) is None:
                raise ValueError(f"{words} is given, but not {field}, the field that holds their words")
        return self

    @property
    def by_name(self) -> Mapping[str, str]:
        """The field of the rows by the name that it has here; those that are set."""
        given = {name: getattr(self, name) for name in type(self).model_fields if name not in _NO_FIELDS}
        return {name: field for name, field in given.items() if field is not None}
