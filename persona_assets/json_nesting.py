"""A limit to the nesting of JSON, so that what is accepted depends on the text and not on who reads it.

The parsers of Python call themselves at every level, and give up where the calls of their caller and their own reach
the interpreter's limit of 1,000. Without a limit of ours, one text would be read by a short program and refused by a
long one, a row kept by a worker process and lost in the process that started it.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")

MAX_NESTING = 200
"""Levels of objects and lists. A row has 3, and what programs add to one has a few more; yet 200 take a fifth of the
interpreter's limit and a few dozen KiB of stack, less than the smallest stack a thread can have."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class NestingError(ValueError):
    """The text is nested too deeply to be read."""


def parse_nested(text: bytes, parse: Callable[[], Value]) -> Value:
    """What ``parse`` makes of ``text``, however deep the stack already is.

    Raises:
        NestingError: ``text`` has more than ``MAX_NESTING`` levels. Nothing was parsed.
    """
    if is_nested_too_deeply(text):
        raise NestingError(f"nested too deeply, more than {MAX_NESTING} levels")
    try:
        return parse()
    except RecursionError:  # by the fault of the caller, since a thread of its own begins with an empty stack
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(parse).result()


def is_nested_too_deeply(text: bytes) -> bool:
    """Whether the first JSON value of ``text`` has more than ``MAX_NESTING`` levels. Takes linear time."""
    if text.count(b"[") + text.count(b"{") <= MAX_NESTING or text.lstrip()[:1] not in (b"[", b"{"):
        return False
    level = 0
    for bracket in _STRING.sub(b"", text).translate(None, _NO_BRACKETS):
        level += 1 if bracket in b"[{" else -1
        if not 0 < level <= MAX_NESTING:  # beyond the end of the value no parser reads on
            return level > MAX_NESTING
    return False
