"""Conversations as a reader sees them: the persona's instruction, the question and the answer, each apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.plots.bands import BANDS, Band
from persona_assets.report.choosing import NO_ROW, choose_conversations
from persona_assets.report.key_files import KeyFiles, read_key
from persona_assets.report.rows import NONE, Rows, list_rows
from persona_assets.workspace import Workspace

MOST_CHARACTERS = 12_000
"""Most of one message that a page shows."""
SIGNS_IN_WORDS: Mapping[str, str] = {
    "truncated": "cut off",
    "disagrees": "not its prompt",
    "near_duplicate": "repeats an answer",
    "other_model_named": "names another model",
    "instruction_left_out": "instruction left out",
    "instruction_leaked": "instruction leaked",
    "think_residue": "thinking left in",
    "template_tokens": "template tokens",
    "empty_or_one_word": "empty or one word",
    "self_identification": "says it is an AI",
    "quotes_system_prompt": "quotes its prompt",
}
STATUS_IN_WORDS: Mapping[str, str] = {
    "refusal": "judge: refusal",
    "missing": "not scored",
    "unparsed": "score unreadable",
    "out_of_range": "score off the scale",
}


@dataclass(frozen=True)
class Message:
    role: str
    text: str
    left_out: int
    """Characters that are not shown."""

    @classmethod
    def of(cls, role: str, text: str) -> "Message":
        return cls(role, text[:MOST_CHARACTERS], max(0, len(text) - MOST_CHARACTERS))


@dataclass(frozen=True)
class Conversation:
    """One row."""

    label: str
    title: str
    """Which prompt and question it is."""
    score: int | None
    band: Band
    band_number: int
    instruction: Message
    further_turns: tuple[Message, ...]
    """Whatever is between the question and the last answer, or all messages where they are not the two."""
    answer: Message
    tokens: int | None
    flags: tuple[str, ...]
    judge: Message | None


@dataclass(frozen=True)
class Exchange:
    """A question, and one or two answers side by side."""

    question: Message
    left: Conversation
    right: Conversation | None
    right_is_baseline: bool = False


def list_exchanges(
    workspace: Workspace, files: KeyFiles, rows: Rows, baseline: tuple[DatasetKey, str] | None
) -> list[Exchange]:
    """The conversations of a key that its page shows, beside those of its baseline, a key and its version."""
    table = files.dataset
    if table is None:
        return []
    shown = choose_conversations(rows, files.key.kind)
    beside = _read_baseline(workspace, *baseline) if baseline else None
    return [_pair(files, rows, (one.left, one.right), beside) for one in shown]


def _pair(files: KeyFiles, rows: Rows, positions: tuple[int, int], beside: "_Baseline | None") -> Exchange:
    left, right = positions
    table: pa.Table = files.dataset
    question = str(table["question"][left].as_py())
    here = _read(table, rows, left, files.key)
    if right != NO_ROW:
        return Exchange(Message.of("question", question), here, _read(table, rows, right, files.key))
    there = beside.find(question) if beside else None
    return Exchange(Message.of("question", question), here, there, right_is_baseline=there is not None)


def _read(table: pa.Table, rows: Rows, position: int, key: DatasetKey) -> Conversation:
    score = int(rows.scores[position])
    messages = [Message.of(one["role"], one["content"]) for one in table["messages"][position].as_py()]
    number, band = _find_band(key, None if score == NONE else score)
    tokens = int(rows.answer_tokens[position])
    usual = len(messages) <= 3 and not _is_marked(rows, "disagrees", position)
    return Conversation(
        label=str(rows.labels[position]),
        title=_title(rows, position),
        score=None if score == NONE else score,
        band=band,
        band_number=number,
        instruction=Message.of("instruction", str(table["system_prompt"][position].as_py())),
        further_turns=() if usual else tuple(messages[:-1]),
        answer=messages[-1],
        tokens=None if tokens == NONE else tokens,
        flags=_list_flags(rows, position),
        judge=_read_judge(table, position),
    )


def _title(rows: Rows, position: int) -> str:
    title = f"prompt {rows.prompts[position]} · question {rows.questions[position]}"
    return f"{title} · sample {rows.samples[position]}" if rows.samples[position] else title


def _find_band(key: DatasetKey, score: int | None) -> tuple[int, Band]:
    bands: Sequence[Band] = BANDS[key.kind_name]
    return next((number, band) for number, band in enumerate(bands) if band.holds(score) or number == len(bands) - 1)


def _is_marked(rows: Rows, sign: str, position: int) -> bool:
    return sign in rows.signs and bool(rows.signs[sign][position])


def _list_flags(rows: Rows, position: int) -> tuple[str, ...]:
    status = STATUS_IN_WORDS.get(str(rows.statuses[position]))
    signs = [words for sign, words in SIGNS_IN_WORDS.items() if _is_marked(rows, sign, position)]
    return (*((status,) if status else ()), *signs)


def _read_judge(table: pa.Table, position: int) -> Message | None:
    text = table["judge_response"][position].as_py() if "judge_response" in table.column_names else None
    return Message.of("judge", text) if text else None


@dataclass(frozen=True)
class _Baseline:
    """The answers that a model gives without a persona, by question."""

    files: KeyFiles
    rows: Rows
    positions: Mapping[str, int]

    def find(self, question: str) -> Conversation | None:
        position = self.positions.get(question)
        return None if position is None else _read(self.files.dataset, self.rows, position, self.files.key)


@lru_cache(maxsize=8)
def _read_baseline(workspace: Workspace, key: DatasetKey, version: str) -> _Baseline | None:  # noqa: ARG001 - forgets earlier ones
    files = read_key(workspace, key)
    rows = list_rows(files)
    if rows is None or files.dataset is None:
        return None
    questions = files.dataset["question"].to_pylist()
    first = {question: position for position, question in reversed(list(enumerate(questions)))}
    return _Baseline(files, rows, first)
