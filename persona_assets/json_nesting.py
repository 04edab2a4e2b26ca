"""A limit on the nesting of JSON, so that whether a text is accepted depends on the text alone.

Python's JSON parsers call themselves at every level, and fail when the whole stack reaches the interpreter's limit of
1,000 calls. Without a lower limit, the same text could be accepted in one place and refused
deeper in the stack: a row could be kept in a worker process and lost in the process that started it.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Value = TypeVar("Value")

MAX_NESTING = 200
"""Levels of objects and lists. A row has 3, and fields that programs add have a few more. 200 levels take a fifth of
the interpreter's limit and a few dozen KiB of stack, less than the smallest stack of a thread."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class NestingError(ValueError):
    """The text is nested too deeply to be read."""


def parse_nested(text: bytes, parse: Callable[[], Value]) -> Value:
    """Return the result of ``parse``, which parses ``text``, however deep the stack already is.

    Raises:
        NestingError: ``text`` has more than ``MAX_NESTING`` levels. It was not parsed.
    """
    if is_nested_too_deeply(text):
        raise NestingError(f"nested too deeply, more than {MAX_NESTING} levels")
    try:
        return parse()
    except RecursionError:  # the caller is deep in the stack; a new thread starts with an empty one
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(parse).result()


def is_nested_too_deeply(text: bytes) -> bool:
    """Whether the first JSON value of ``text`` has more than ``MAX_NESTING`` levels. Takes linear time."""
    if text.count(b"[") + text.count(b"{") <= MAX_NESTING or text.lstrip()[:1] not in (b"[", b"{"):
        return False
    level = 0
    for bracket in _STRING.sub(b"", text).translate(None, _NO_BRACKETS):
        level += 1 if bracket in b"[{" else -1
        if not 0 < level <= MAX_NESTING:  # parsers stop at the end of the value
            return level > MAX_NESTING
    return False
