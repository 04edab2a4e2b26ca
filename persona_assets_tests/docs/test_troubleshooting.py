"""Every message that the page quotes is one that the code can print."""

import ast
import re
from collections.abc import Iterator

import pytest

from persona_assets_tests.docs import DOCS, read_page
from persona_assets_tests.test_import_direction import MODULES

LEFT_OUT = "…"
"""Stands in the page for whatever a message names."""
PAGE = read_page(DOCS / "troubleshooting.md")


def list_quoted() -> list[str]:
    rows = re.findall(r"^\| `(?P<message>[^`]+)` \|", PAGE, re.MULTILINE)
    return [row.replace("\\|", "|") for row in rows]


def list_texts() -> Iterator[str]:
    """Every text in the code but docstrings, with a mark for what is put into it."""
    for path in MODULES.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if node in docstrings:
                continue
            if isinstance(node, ast.JoinedStr):
                yield "".join(_read_part(part) for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def _read_part(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else LEFT_OUT


TEXTS = tuple(list_texts())


@pytest.mark.parametrize("message", list_quoted())
def test_a_quoted_message_is_in_the_code(message: str) -> None:
    parts = [re.escape(part.strip()) for part in message.split(LEFT_OUT)]
    pattern = re.compile(".*?".join(filter(None, parts)), re.DOTALL)
    assert len(max(parts, key=len)) >= len("stopped by"), "too little of it to be found by"
    assert any(pattern.search(text) for text in TEXTS)


def test_every_row_of_the_tables_quotes_a_message() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(rows) == len(list_quoted()) > 40
