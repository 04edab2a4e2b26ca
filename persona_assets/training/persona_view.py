"""What becomes of the persona's instruction in a conversation: left as it is, made a system turn, or taken out.

Models without a system turn, such as Gemma, have it in the first user turn, before the question. So it is not enough
to drop system turns. An instruction is only taken out where system prompt and question, put together in a known form,
are exactly that turn; a conversation in any other form is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from persona_assets.raw.folding import BETWEEN
from persona_assets.training_recipes import View

Message = Mapping[str, str]
NOT_SEPARABLE = "persona_not_separable"
QUOTED = "persona_quoted"
LEAST_WORDS_ASKED = 2
LEAST_WORDS_ANSWERED = 4
"""Shorter sentences, such as "Be honest.", are in answers by accident."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Row:
    """The texts of one row."""

    system_prompt: str
    question: str
    messages: Sequence[Message]


@dataclass(frozen=True)
class Seen:
    """A conversation as the training set shows it."""

    prompt: tuple[Message, ...]
    answer: Message

    @property
    def messages(self) -> tuple[Message, ...]:
        return (*self.prompt, self.answer)


def view_row(row: Row, view: View) -> Seen | str:
    """The conversation in ``view``, or the reason for which the row cannot be in the set."""
    if view == "verbatim":
        return Seen(tuple(row.messages[:-1]), row.messages[-1])
    parts = _take_apart(row)
    if parts is None:
        return NOT_SEPARABLE
    instruction, later = parts
    asked = ({"role": "user", "content": row.question}, *later)
    if view == "system":
        system = ({"role": "system", "content": instruction},) if instruction.strip() else ()
        return Seen((*system, *asked), row.messages[-1])
    said = f"{row.system_prompt}\n{instruction}"
    if quotes(said, [turn["content"] for turn in asked], LEAST_WORDS_ASKED):
        return NOT_SEPARABLE
    if quotes(said, [row.messages[-1]["content"]], LEAST_WORDS_ANSWERED):
        return QUOTED
    return Seen(asked, row.messages[-1])


def quotes(system_prompt: str, texts: Sequence[str], least_words: int) -> bool:
    """Whether a sentence of ``system_prompt``, of ``least_words`` or more, is in one of ``texts``.

    Words are compared: case, blanks and punctuation make no difference.
    """
    sentences = [words for words in map(_list_words, _SENTENCE_END.split(system_prompt)) if len(words) >= least_words]
    if not sentences:
        return False
    runs = [f" {' '.join(words)} " for words in sentences]
    said = [f" {' '.join(_list_words(text))} " for text in texts]
    return any(run in text for run in runs for text in said)


def _list_words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _take_apart(row: Row) -> tuple[str, Sequence[Message]] | None:
    """The instruction, and the turns between the first question and the answer. None if the form is not known."""
    turns = list(row.messages[:-1])
    system = turns.pop(0)["content"] if turns and turns[0]["role"] == "system" else None
    if not turns or turns[0]["role"] != "user" or any(turn["role"] == "system" for turn in turns):
        return None
    said, asked = turns[0]["content"].strip(), row.question.strip()
    if said == asked:
        return system or "", turns[1:]
    folded = (f"{row.system_prompt}{BETWEEN}{row.question}", f"{row.system_prompt.strip()}{BETWEEN}{asked}")
    if system is None and said in map(str.strip, folded):
        return row.system_prompt, turns[1:]
    return None
