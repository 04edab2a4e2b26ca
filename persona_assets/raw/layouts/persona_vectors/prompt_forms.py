"""Taking apart prompts that a chat template has rendered: rendering the turns again gives the very prompt."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from persona_assets.raw.rows import ChatMessage, Reason, Rejection

SHOWN = 60
_LLAMA_PREAMBLE = re.compile(r"Cutting Knowledge Date: [^\n]+\nToday Date: [^\n]+\n\n")
_MISTRAL = re.compile(r"<s>\[INST\] ?(?P<user>\S|\S.*\S) ?\[/INST\]", re.DOTALL)
_MISTRAL_MARKS = re.compile(r"\[/?INST\]|</?s>|<</?SYS>>")
_ORDER = re.compile(r"(system )?user( assistant user)*")


@dataclass(frozen=True)
class TurnForm:
    """How a chat template writes turns: each has a header, its content and an end."""

    name: str
    start: str
    """What stands before the first turn."""
    header: str
    end: str
    words: Mapping[str, str]
    """The role that each word in a header means."""
    trims: bool
    """Whether white space at either end of a content is left out."""
    tails: tuple[str, ...] = ("",)
    """What may stand after the header of the answer."""
    preamble: re.Pattern[str] | None = None
    """What the template itself writes before the content of the system turn."""

    @property
    def beginning(self) -> str:
        return self.start + self.header.partition("{}")[0]

    def read(self, prompt: str) -> list[ChatMessage] | str:
        """The turns of ``prompt``, which has the right beginning, or why it cannot be taken apart."""
        turns = self._without_answer(prompt.removeprefix(self.start))
        if turns is None:
            return "it does not end where the answer begins"
        messages: list[ChatMessage] = []
        end = 0
        for match in self._turn.finditer(turns):
            if match.start() != end:
                break
            end = match.end()
            messages.append(ChatMessage(self.words[match[1]], match[2]))
        if end != len(turns):
            return f"{turns[end : end + SHOWN]!r} is no turn"
        return self._settle(messages)

    @property
    def _turn(self) -> re.Pattern[str]:
        before, after = map(re.escape, self.header.split("{}"))
        return re.compile(f"{before}({'|'.join(self.words)}){after}(.*?){re.escape(self.end)}", re.DOTALL)

    def _without_answer(self, turns: str) -> str | None:
        [assistant] = (word for word, role in self.words.items() if role == "assistant")
        for tail in self.tails:
            opening = self.header.format(assistant) + tail
            if turns.endswith(opening):
                return turns.removesuffix(opening)
        return None

    def _settle(self, messages: list[ChatMessage]) -> list[ChatMessage] | str:
        if self.preamble and messages and messages[0].role == "system":
            messages = _without_preamble(messages, self.preamble)
        if not _ORDER.fullmatch(" ".join(message.role for message in messages)):
            return "its turns are not the system's, if there is one, and then the user's and assistant's by turns"
        if self.trims and any(message.content != message.content.strip() for message in messages):
            return "a turn begins or ends with white space, which the template leaves out"
        return messages


def _without_preamble(messages: list[ChatMessage], preamble: re.Pattern[str]) -> list[ChatMessage]:
    """Without the system turn if it is nothing but the preamble, which the template writes in any case."""
    system, *rest = messages
    match = preamble.match(system.content)
    if match is None:
        return messages
    content = system.content[match.end() :]
    return [ChatMessage("system", content), *rest] if content else rest


@dataclass(frozen=True)
class MistralForm:
    """The instruction in brackets, without a system turn and with a single question."""

    name: str = "Mistral"
    beginning: str = "<s>[INST]"

    def read(self, prompt: str) -> list[ChatMessage] | str:
        match = _MISTRAL.fullmatch(prompt)
        if match is None or _MISTRAL_MARKS.search(match["user"]):
            return "it is not one instruction in brackets, without white space at its ends"
        return [ChatMessage("user", match["user"])]


_SAME = {role: role for role in ("system", "user", "assistant")}
FORMS = (
    TurnForm(
        "ChatML",
        start="",
        header="<|im_start|>{}\n",
        end="<|im_end|>\n",
        words=_SAME,
        trims=False,
        tails=("", "<think>\n\n</think>\n\n"),
    ),
    TurnForm(
        "Llama 3",
        start="<|begin_of_text|>",
        header="<|start_header_id|>{}<|end_header_id|>\n\n",
        end="<|eot_id|>",
        words=_SAME,
        trims=True,
        preamble=_LLAMA_PREAMBLE,
    ),
    TurnForm(
        "Gemma",
        start="<bos>",
        header="<start_of_turn>{}\n",
        end="<end_of_turn>\n",
        words={"user": "user", "model": "assistant"},
        trims=True,
    ),
    MistralForm(),
)


def read_prompt(prompt: str) -> list[ChatMessage] | Rejection:
    """The turns of a rendered prompt, or why it is in no known form."""
    for form in FORMS:
        if prompt.startswith(form.beginning):
            found = form.read(prompt)
            return _unknown(f"the prompt begins as in {form.name}, but {found}") if isinstance(found, str) else found
    known = ", ".join(form.name for form in FORMS)
    return _unknown(f"the prompt begins with {prompt[:SHOWN]!r}, as in none of {known}")


def _unknown(detail: str) -> Rejection:
    return Rejection(Reason.UNKNOWN_PROMPT_FORM, detail)
