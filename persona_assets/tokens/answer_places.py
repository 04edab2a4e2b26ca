"""Where the final answer is in the text that a chat template makes of a conversation."""

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple, Protocol

import jinja2

Conversation = list[dict[str, str]]

REFUSALS = (jinja2.TemplateError, ValueError, TypeError, KeyError)
"""What a template that refuses a conversation raises."""
THOUGHTS_END = "</think>"


class Place(NamedTuple):
    """Characters of a text, half-open."""

    start: int
    end: int


class Template(Protocol):
    """A chat template as transformers runs it."""

    @property
    def template(self) -> str: ...
    def write(self, conversation: Conversation, *, add_generation_prompt: bool) -> str: ...


def locate_answer(template: Template, conversation: Conversation, text: str) -> Place | None:
    """Find the answer in ``text``, which ``template`` made of ``conversation``, by giving it another answer.

    None if the template writes the answer in another form than trimmed, or does not write it.
    """
    thoughts, answer = _split_off_thoughts(template, conversation[-1]["content"])
    probe = next(one for one in _make_probes() if one not in text)
    try:
        other = template.write(
            [*conversation[:-1], {**conversation[-1], "content": thoughts + probe}], add_generation_prompt=False
        )
    except REFUSALS:
        return None
    before, _, after = other.partition(probe)
    place = Place(len(before), len(text) - len(after))
    as_expected = text.startswith(before) and text.endswith(after) and place.start < place.end
    return place if as_expected and text[place.start : place.end].strip() == answer.strip() else None


def _split_off_thoughts(template: Template, content: str) -> tuple[str, str]:
    """A content's think block and the answer after it, if the template tells one from the other."""
    if THOUGHTS_END not in template.template:
        return "", content
    thoughts, end, answer = content.rpartition(THOUGHTS_END)
    return thoughts + end, answer


def _make_probes() -> Iterator[str]:
    return (f"Answer{number}" for number in count())
