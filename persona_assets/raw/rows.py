"""What a raw row is, which rules it keeps, and the closed lists of reasons and notes about lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import msgspec

from persona_assets.kinds import Kind
from persona_assets.settings import Settings

TURN_ROLES = ("system", "user", "assistant")


class Reason(StrEnum):
    """Why a line is quarantined. The list is closed: dashboards and tests rely on it."""

    BLANK_LINE = "blank_line"
    LINE_TOO_LONG = "line_too_long"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    TRAILING_DATA = "trailing_data"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_JSON_KEY = "duplicate_json_key"
    LONE_SURROGATE = "lone_surrogate"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    INDEX_OUT_OF_RANGE = "index_out_of_range"
    UNKNOWN_LABEL = "unknown_label"
    EMPTY_CONVERSATION = "empty_conversation"
    UNKNOWN_TURN_ROLE = "unknown_turn_role"
    UNEXPECTED_MESSAGE_KEY = "unexpected_message_key"
    NO_FINAL_ANSWER = "no_final_answer"
    NO_USER_TURN = "no_user_turn"


class Note(StrEnum):
    """What is unusual about a row that is kept all the same."""

    LEGACY_LABEL = "legacy_label"
    LEGACY_PROMPT_INDEX = "legacy_prompt_index"
    EXTRA_FIELD = "extra_field"


@dataclass(frozen=True)
class Rejection:
    reason: Reason
    detail: str


class ChatMessage(msgspec.Struct, forbid_unknown_fields=True):
    role: str
    content: str


NonNegative = Annotated[int, msgspec.Meta(ge=0)]


class RawRow(msgspec.Struct, forbid_unknown_fields=True):
    """A response row as persona-subspace writes it."""

    system_prompt: str
    label: str
    prompt_index: NonNegative
    conversation: list[ChatMessage]
    question_index: NonNegative
    question: str


FIELDS: Mapping[str, type] = {
    "system_prompt": str,
    "label": str,
    "prompt_index": int,
    "conversation": list,
    "question_index": int,
    "question": str,
}


@dataclass(frozen=True)
class RowRules:
    """What a valid row of one file may hold."""

    labels: tuple[str, ...]
    legacy_labels: Mapping[str, str]
    max_prompts: int
    max_questions: int

    @classmethod
    def of(cls, kind: Kind, settings: Settings) -> "RowRules":
        return cls(kind.labels, kind.legacy_labels, settings.max_prompts, settings.max_questions)

    def problem(self, row: RawRow) -> Rejection | None:
        """The first rule that a well-typed row breaks."""
        for name, count in (("prompt_index", self.max_prompts), ("question_index", self.max_questions)):
            if not 0 <= (index := getattr(row, name)) < count:
                shown = index if abs(index) < 10**12 else f"a number of {len(str(abs(index)))} digits"
                return Rejection(
                    Reason.INDEX_OUT_OF_RANGE,
                    f"{name} is {shown}; 0-{count - 1} expected (setting max_{name[:-6]}s)",
                )
        if row.label not in self.labels:
            return Rejection(Reason.UNKNOWN_LABEL, f"label {row.label[:80]!r} is none of {', '.join(self.labels)}")
        return _conversation_problem(row.conversation)


def _conversation_problem(conversation: list[ChatMessage]) -> Rejection | None:
    if not conversation:
        return Rejection(Reason.EMPTY_CONVERSATION, "conversation holds no message")
    for place, message in enumerate(conversation):
        if message.role not in TURN_ROLES:
            return Rejection(
                Reason.UNKNOWN_TURN_ROLE,
                f"conversation[{place}].role {message.role[:80]!r} is none of {', '.join(TURN_ROLES)}",
            )
    if conversation[-1].role != "assistant":
        return Rejection(Reason.NO_FINAL_ANSWER, f"the last message is the {conversation[-1].role}'s")
    if all(message.role != "user" for message in conversation):
        return Rejection(Reason.NO_USER_TURN, "no message of the conversation is the user's")
    return None
