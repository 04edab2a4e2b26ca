"""Lines of JSON, as every reader splits them."""

import json
from collections.abc import Mapping
from typing import Any

_SPLIT_BY_SOME = {end: f"\\u{ord(end):04x}" for end in "\u0085\u2028\u2029"}
"""Ends of a line to some readers, and none to JSON."""


def write_line(content: Mapping[str, Any]) -> str:
    """``content`` in one line, whatever a reader takes for the end of a line."""
    line = json.dumps(content, ensure_ascii=False)
    for end, escaped in _SPLIT_BY_SOME.items():
        line = line.replace(end, escaped)
    return f"{line}\n"
