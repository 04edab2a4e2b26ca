"""Tracing what a chat template does with the content of a message.

Rendering by concatenation is exact if the template does the same with every content. A template can only use a
content through string operations. So it is run on a string that records each of them, and the record shows what its
output and its branches depend on. If it does anything that cannot be recorded, it is untraceable.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment


class UntraceableError(Exception):
    """The template does something with a content that cannot be traced, so transformers must render it."""


@dataclass
class Notes:
    """The operations of a template on one content."""

    searched: set[str] = field(default_factory=set)
    """Texts that it searched for in the content, at its start or end, or compared it with."""
    trimmed: set[tuple[str, str | None]] = field(default_factory=set)
    """Calls of strip, lstrip and rstrip, with the characters to strip (None: white space)."""
    other: set[str] = field(default_factory=set)
    """Operations whose result may depend on anything in the content."""


class _Joined(str):
    """Content with the template's text around it. The template may only write it out or join it further."""

    notes: tuple[Notes, ...]

    def __new__(cls, text: str, *notes: Notes) -> Self:
        made = super().__new__(cls, text)
        made.notes = notes
        return made

    def __str__(self) -> str:
        return self

    def __bool__(self) -> bool:
        return True  # an empty content is never rendered by concatenation

    def __add__(self, other: str) -> "_Joined":
        return _join(self, other)

    def __radd__(self, other: str) -> "_Joined":
        return _join(other, self)


class Watched(_Joined):
    """One content. The template may also search it and trim it."""

    def __contains__(self, text: object) -> bool:
        return self._note_search("__contains__", text)

    def startswith(self, text: Any, *bounds: Any) -> bool:
        return self._note_search("startswith", text, *bounds)

    def endswith(self, text: Any, *bounds: Any) -> bool:
        return self._note_search("endswith", text, *bounds)

    def __eq__(self, other: object) -> bool:
        return self._note_search("__eq__", other)

    def __ne__(self, other: object) -> bool:
        return not self._note_search("__eq__", other)

    def __hash__(self) -> int:
        self.notes[0].other.add("__hash__")
        return str.__hash__(self)

    def strip(self, chars: str | None = None) -> "Watched":
        return self._note_trim("strip", chars)

    def lstrip(self, chars: str | None = None) -> "Watched":
        return self._note_trim("lstrip", chars)

    def rstrip(self, chars: str | None = None) -> "Watched":
        return self._note_trim("rstrip", chars)

    def _note_search(self, operation: str, text: Any, *bounds: Any) -> bool:
        if isinstance(text, _Joined) or bounds or not isinstance(text, str | int | None):
            self.notes[0].other.add(operation)
        elif isinstance(text, str) and text:  # every non-empty content contains the empty text and differs from it
            self.notes[0].searched.add(text)
        return getattr(str, operation)(self, text, *bounds) is True

    def _note_trim(self, operation: str, chars: str | None) -> "Watched":
        self.notes[0].trimmed.add((operation, chars))
        return Watched(getattr(str, operation)(self, chars), *self.notes)


def _join(left: str, right: str) -> _Joined:
    notes = (note for part in (left, right) if isinstance(part, _Joined) for note in part.notes)
    return _Joined(str.__add__(left, right), *notes)


def _note_calls_of(name: str) -> Callable[..., Any]:
    def operation(self: _Joined, *arguments: Any, **named: Any) -> Any:
        for note in self.notes:
            note.other.add(name)
        return getattr(str, name)(self, *arguments, **named)

    return operation


_MACHINERY = set(dir(object)) - {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__format__", "__hash__"}
for _name in set(dir(str)) - _MACHINERY - {"__add__"}:
    setattr(_Joined, _name, _note_calls_of(_name))

# These build their text as a plain string, which records nothing.
_UNWATCHED_NODES = (nodes.Concat, nodes.Macro, nodes.CallBlock, nodes.AssignBlock, nodes.FilterBlock)
_WATCHED_FILTERS = ("trim", "string", "length", "count", "default", "upper", "lower")


def compile_traced(template: str, now: datetime) -> jinja2.Template:
    """Compile the template so that it can be rendered with ``Watched`` contents.

    Raises:
        UntraceableError: it contains nodes that turn a content into a plain string.
        jinja2.TemplateError: plain Jinja cannot compile it.
    """
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    _refuse_unwatched(environment.parse(template))
    for name in set(environment.filters) - set(_WATCHED_FILTERS):
        environment.filters[name] = _make_refusing_filter(name)
    environment.globals |= {"raise_exception": _refuse, "strftime_now": now.strftime}
    return environment.from_string(template)


def render_traced(
    compiled: jinja2.Template, messages: Sequence[Mapping[str, str]], variables: Mapping[str, Any]
) -> tuple[str, list[Notes]]:
    """Render one conversation, and record the operations on each content."""
    notes = [Notes() for _ in messages]
    watched = [
        {"role": message["role"], "content": Watched(message["content"], note)}
        for message, note in zip(messages, notes, strict=True)
    ]
    return compiled.render(messages=watched, tools=None, documents=None, **variables), notes


def _refuse_unwatched(tree: nodes.Template) -> None:
    """Refuse nodes that pass a content to a plain string, whose operations on it would not be recorded."""
    if (unwatched := next(tree.find_all(_UNWATCHED_NODES), None)) is not None:
        raise UntraceableError(type(unwatched).__name__)
    for compared in tree.find_all(nodes.Compare):
        membership = any(part.op in ("in", "notin") for part in compared.ops)
        if membership and (len(compared.ops) > 1 or not isinstance(compared.expr, nodes.Const)):
            raise UntraceableError("'in' with something other than a constant")
    if any(test.name == "in" for test in tree.find_all(nodes.Test)):
        raise UntraceableError("the test 'in'")
    methods = [call for call in tree.find_all(nodes.Call) if isinstance(call.node, nodes.Getattr)]
    trims = [used for used in tree.find_all(nodes.Filter) if used.name == "trim"]
    if not all(map(_has_constant_arguments, (*methods, *trims))):
        raise UntraceableError("a method with an argument that is not a constant")


def _has_constant_arguments(call: Any) -> bool:
    if call.kwargs or call.dyn_args or call.dyn_kwargs:
        return False
    return all(isinstance(argument, nodes.Const) for argument in call.args)


def _make_refusing_filter(name: str) -> Callable[..., Any]:
    def refuse(*_arguments: Any, **_named: Any) -> Any:
        raise UntraceableError(f"filter {name}")

    return refuse


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)
