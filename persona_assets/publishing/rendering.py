"""Markdown from templates. Nothing reaches a page as it is: a value is a number, or went through a filter here."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from persona_assets.stage.wording import make_line

FOLDER = Path(__file__).parent / "templates"
_BACKTICKS = re.compile("`+")


class Safe(str):
    """Text that means itself wherever a template puts it."""

    __slots__ = ()


def render(template: str, **shown: Any) -> str:
    return card_environment().get_template(template).render(shown)


def show_code(text: object) -> Safe:
    """``text`` on one line, set as code, also within a table."""
    line = make_line(str(text)).replace("|", "\\|")
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return Safe(f"{fence}{pad}{line}{pad}{fence}")


def show_block(text: str) -> Safe:
    """``text`` as it is, in a block that nothing in it ends."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return Safe(f"{fence}\n{text.strip()}\n{fence}")


def quote(text: object) -> Safe:
    """A string of YAML, which takes those of JSON."""
    return Safe(json.dumps(str(text)))


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _show_number(number: int) -> Safe:
    return Safe(f"{number:,}")


def _show_counts(counts: Mapping[str, int]) -> Safe:
    return Safe(", ".join(f"{number:,} {show_code(name)}" for name, number in counts.items()) or "none")


def _show_codes(texts: Sequence[object]) -> Safe:
    return Safe(", ".join(map(show_code, texts)))


def _show_json(content: Mapping[str, object]) -> Safe:
    return show_code(json.dumps(content))


def _megabytes(size: int) -> Safe:
    return Safe(f"{size / 1e6:,.2f} MB")


def _refuse_unfiltered(value: Any) -> Any:
    if isinstance(value, Safe | int | jinja2.Undefined):
        return value
    raise TypeError(f"a card would show {type(value).__name__} {str(value)[:80]!r} as it is")


@cache
def card_environment() -> jinja2.Environment:
    """Where the templates are, and what they may use."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        finalize=_refuse_unfiltered,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": show_code,
        "codes": _show_codes,
        "block": show_block,
        "quote": quote,
        "json": _show_json,
        "number": _show_number,
        "counts": _show_counts,
        "megabytes": _megabytes,
        "fixed": Safe,
    }
    return environment
