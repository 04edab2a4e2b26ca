"""Plain concatenation, for the shapes of conversation that a template renders as fixed text around the contents.

A trace proves this: the template is run on strings that record every operation on them. The pattern found holds for
all contents on which those operations have the same result. All others are rendered by the template.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jinja2

from persona_assets.tokens.answer_places import Conversation, Place
from persona_assets.tokens.template_date import FIXED_NOW
from persona_assets.tokens.template_tracing import Notes, UntraceableError, compile_traced, render_traced

Render = Callable[[Conversation, bool], str]
"""Render a conversation with transformers, with or without a generation prompt."""

_SPACES = "".join(character for code in range(0x3001) if (character := chr(code)).isspace())
_PROBES = (
    "a0Q \"quoted\" <b> & 'c' {{ d }} {% e %} \\n \\\\ \t two  spaces\n\n\nlines é e\u0301 ﬁ 人 😀 \u200d\ufeff 0a",
    "Z9 " + "long and other " * 5000 + "9Z",
)
Shape = tuple[tuple[str, ...], bool]
SHAPES: tuple[Shape, ...] = (
    (("user", "assistant"), False),
    (("system", "user", "assistant"), False),
    (("user",), True),
    (("system", "user"), True),
)


@dataclass(frozen=True)
class _Slot:
    """How the template writes the content of one message, unless it contains a text that it searches for."""

    searched: tuple[str, ...]
    trims: tuple[tuple[str, str | None], ...]
    stripped: bool

    def fill(self, content: object) -> str | None:
        """Return the content as the template writes it. None if the template must be run to find out."""
        if type(content) is not str or any(text in content for text in self.searched):
            return None
        if self.stripped:
            content = content.strip()
        elif any(getattr(content, trim)(characters) != content for trim, characters in self.trims):
            return None
        return content or None


class Rendered(NamedTuple):
    """A conversation as a template writes it."""

    text: str
    last: Place | None
    """Where the content of the last message is; None if it is not there, or in another form than trimmed."""


@dataclass(frozen=True)
class Pattern:
    """The fixed text around the contents of one shape of conversation."""

    texts: tuple[str, ...]
    slots: tuple[_Slot, ...]

    def render(self, conversation: Conversation) -> Rendered | None:
        parts = [self.texts[0]]
        for slot, message, text in zip(self.slots, conversation, self.texts[1:], strict=True):
            filled = slot.fill(message.get("content")) if len(message) == 2 else None
            if filled is None:
                return None
            parts += (filled, text)
        written = "".join(parts)
        end = len(written) - len(parts[-1])
        return Rendered(written, Place(end - len(parts[-2]), end))


@dataclass(frozen=True)
class _Trial:
    """One shape, rendered by the traced template and by transformers. The two must agree."""

    compiled: jinja2.Template
    variables: Mapping[str, Any]
    render: Render
    shape: Shape

    def run(self, messages: Conversation) -> tuple[str, tuple[_Slot, ...]]:
        add_generation_prompt = self.shape[1]
        variables = {**self.variables, "add_generation_prompt": add_generation_prompt}
        text, notes = render_traced(self.compiled, messages, variables)
        if any(note.other for note in notes) or self.render(messages, add_generation_prompt) != text:
            raise UntraceableError("the output may depend on anything in the content")
        return text, tuple(map(_make_slot, notes))

    def messages(self, probe: str, around: str = "") -> Conversation:
        return [
            {"role": role, "content": f"{around}{place}{probe}{place}{around}"}
            for place, role in enumerate(self.shape[0])
        ]


def find_patterns(template: str, variables: Mapping[str, Any], render: Render) -> dict[Shape, Pattern]:
    """Find the pattern of every shape for which the trace proves one and transformers renders the same text.

    Args:
        variables: what transformers passes to the template besides the conversation.
    """
    try:
        compiled = compile_traced(template, FIXED_NOW)
    except (UntraceableError, jinja2.TemplateError):
        return {}
    found = {shape: _find_pattern(_Trial(compiled, variables, render, shape)) for shape in SHAPES}
    return {shape: pattern for shape, pattern in found.items() if pattern}


def _find_pattern(trial: _Trial) -> Pattern | None:
    messages = trial.messages(_PROBES[0])
    try:
        pattern = _split(*trial.run(messages), messages)
        return pattern if pattern and _holds(trial, pattern) else None
    except (UntraceableError, jinja2.TemplateError, ValueError, TypeError, KeyError):
        return None


def _holds(trial: _Trial, pattern: Pattern) -> bool:
    """Whether other contents (long ones, and ones surrounded by white space) are rendered as the pattern predicts."""
    for probe in _PROBES:
        for around in ("", _SPACES):
            messages = trial.messages(probe, around)
            text, slots = trial.run(messages)
            expected = pattern.render(messages)
            # The pattern may return None, but not for a probe without white space around it.
            if slots != pattern.slots or (expected.text != text if expected else not around):
                return False
    return True


def _make_slot(notes: Notes) -> _Slot:
    trims = tuple(sorted(notes.trimmed, key=str))
    return _Slot(tuple(sorted(notes.searched)), trims, stripped=trims == (("strip", None),))


def _split(text: str, slots: tuple[_Slot, ...], messages: Conversation) -> Pattern | None:
    """Split the text at the contents, if each appears exactly once and in order."""
    contents = [message["content"] for message in messages]
    if any(text.count(content) != 1 for content in contents):
        return None
    texts = []
    for content in contents:
        before, found, text = text.partition(content)
        if not found:
            return None
        texts.append(before)
    return Pattern((*texts, text), slots)
