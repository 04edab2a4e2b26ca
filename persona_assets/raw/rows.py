"""What a raw row is, which rules it must follow, and the closed lists of reasons and notes about lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Annotated, NamedTuple, final

import msgspec

from persona_assets.settings import Settings


class Identity(NamedTuple):
    """What a judge's score refers to, and what at most one row of a key has."""

    label: str
    prompt_index: int
    question_index: int
    sample_index: int = 0

    def __str__(self) -> str:
        """As messages, manifests and most score files write it; the sample only where it is not the first."""
        cell = f"{self.label}_p{self.prompt_index}_q{self.question_index}"
        return f"{cell}_s{self.sample_index}" if self.sample_index else cell


_identify: Callable[[tuple[str, int, int, int]], Identity] = partial(tuple.__new__, Identity)
"""Several times faster than the class, and done several times a row."""

MOST_TOKENS = 2**31
"""More than any model writes in one answer; a larger number is no count."""

TURN_ROLES = ("system", "user", "assistant")


class Reason(StrEnum):
    """Why a line is quarantined. The list is closed: dashboards and tests rely on it."""

    BLANK_LINE = "blank_line"
    LINE_TOO_LONG = "line_too_long"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    TRUNCATED_LAST_LINE = "truncated_last_line"
    TRAILING_DATA = "trailing_data"
    INVALID_CSV = "invalid_csv"
    WRONG_FIELD_COUNT = "wrong_field_count"
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
    TOO_MANY_MESSAGES = "too_many_messages"
    NO_FINAL_ANSWER = "no_final_answer"
    EMPTY_ANSWER = "empty_answer"
    NO_USER_TURN = "no_user_turn"
    UNKNOWN_PROMPT_FORM = "unknown_prompt_form"
    FOREIGN_ROW = "foreign_row"
    BROKEN_JOIN = "broken_join"
    QUESTION_MISMATCH = "question_mismatch"
    EXACT_DUPLICATE = "exact_duplicate"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"


class Note(StrEnum):
    """What is unusual about a row that is kept all the same."""

    LEGACY_LABEL = "legacy_label"
    LEGACY_PROMPT_INDEX = "legacy_prompt_index"
    EXTRA_FIELD = "extra_field"
    EXTRA_TURNS = "extra_turns"
    ESCAPED_NUL = "escaped_nul"
    OUT_OF_ORDER = "out_of_order"
    FOLDED_SYSTEM_TURN = "folded_system_turn"


@final
@dataclass(frozen=True)
class Rejection:
    reason: Reason
    detail: str


class ChatMessage(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    role: str
    content: str


NonNegative = Annotated[int, msgspec.Meta(ge=0)]


class RawRow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A conversation, and the prompt and question that it answers; the same for every layout."""

    system_prompt: str
    label: str
    prompt_index: NonNegative
    conversation: list[ChatMessage]
    question_index: NonNegative
    question: str
    sample_index: NonNegative = 0
    """Which of several answers to one prompt and question it is."""
    finish_reason: str | None = None
    """Why the generator stopped, in its own word: ``length`` if it was cut off."""
    generated_tokens: NonNegative | None = None
    """The generator's own count of the answer's tokens."""

    @property
    def identity(self) -> Identity:
        return _identify((self.label, self.prompt_index, self.question_index, self.sample_index))


@dataclass(frozen=True, slots=True)
class ParsedRow:
    row: RawRow
    notes: tuple[Note, ...] = ()
    extra_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelWords:
    """The words that a layout has for the labels of a kind, and the label each means."""

    current: Mapping[str, str]
    legacy: Mapping[str, str] = field(default_factory=dict)
    """Words that only older files have; rows with them get a note."""

    def knows(self, word: str) -> bool:
        return word in self.current or word in self.legacy

    def label(self, word: str) -> str:
        """The label that a known word means."""
        return self.current[word] if word in self.current else self.legacy[word]


@dataclass(frozen=True)
class RowRules:
    """What a valid row of one key may hold."""

    words: LabelWords
    max_prompts: int
    max_questions: int
    max_samples: int
    max_messages: int
    max_line_bytes: int

    @classmethod
    def of(cls, words: LabelWords, settings: Settings) -> "RowRules":
        indices = settings.max_prompts, settings.max_questions, settings.max_samples
        return cls(words, *indices, settings.max_messages, settings.max_line_bytes)

    @property
    def different_cells(self) -> int:
        """How many combinations of label, prompt and question one key may have."""
        return len(set(self.words.current.values())) * self.max_prompts * self.max_questions

    def problem(self, row: RawRow) -> Rejection | None:
        """The first rule that a well-typed row breaks, while its label is still the word of its layout."""
        if not (
            0 <= row.prompt_index < self.max_prompts
            and 0 <= row.question_index < self.max_questions
            and 0 <= row.sample_index < self.max_samples
        ):
            return self._index_problem(row)
        if not self.words.knows(row.label):
            known = ", ".join(self.words.current)
            return Rejection(Reason.UNKNOWN_LABEL, f"label {row.label[:80]!r} is none of {known}")
        if len(row.conversation) > self.max_messages:
            detail = f"{len(row.conversation)} messages, more than the {self.max_messages} of PERSONA_MAX_MESSAGES"
            return Rejection(Reason.TOO_MANY_MESSAGES, detail)
        return _conversation_problem(row.conversation)

    def _index_problem(self, row: RawRow) -> Rejection:
        indices = (
            ("prompt", row.prompt_index, self.max_prompts),
            ("question", row.question_index, self.max_questions),
            ("sample", row.sample_index, self.max_samples),
        )
        what, index, count = next(one for one in indices if not 0 <= one[1] < one[2])
        shown = index if abs(index) < 10**12 else f"a number of {len(str(abs(index)))} digits"
        detail = f"{what}_index is {shown}; 0-{count - 1} expected (setting max_{what}s)"
        return Rejection(Reason.INDEX_OUT_OF_RANGE, detail)


def printable(name: str) -> str:
    """Shorten a name from a raw file, and escape halves of surrogate pairs, which cannot be printed."""
    return name[:80].encode(errors="backslashreplace").decode()


_USUAL = (["user", "assistant"], ["system", "user", "assistant"])


def _conversation_problem(conversation: list[ChatMessage]) -> Rejection | None:
    roles = [message.role for message in conversation]
    if roles in _USUAL and conversation[-1].content.strip():
        return None
    if not conversation:
        return Rejection(Reason.EMPTY_CONVERSATION, "conversation holds no message")
    return _turn_problem(conversation, roles)


def _turn_problem(conversation: list[ChatMessage], roles: list[str]) -> Rejection | None:
    for place, role in enumerate(roles):
        if role not in TURN_ROLES:
            return Rejection(
                Reason.UNKNOWN_TURN_ROLE,
                f"conversation[{place}].role {role[:80]!r} is none of {', '.join(TURN_ROLES)}",
            )
    if roles[-1] != "assistant":
        return Rejection(Reason.NO_FINAL_ANSWER, f"the last message is the {roles[-1]}'s")
    if not conversation[-1].content.strip():
        return Rejection(Reason.EMPTY_ANSWER, "the last message, the assistant's answer, is empty")
    if "user" not in roles:
        return Rejection(Reason.NO_USER_TURN, "no message of the conversation is the user's")
    return None
