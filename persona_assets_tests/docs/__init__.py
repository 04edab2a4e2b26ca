"""The papers say what the program does. Here: where they are, and how they are read."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
DOCS = ROOT / "docs"
PAGES = (README, CONTRIBUTING, *sorted(DOCS.glob("*.md")))

_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def read_page(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def find_code_blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [match["code"] for match in _FENCE.finditer(text) if match["language"] == language]


def remove_code_blocks(text: str) -> str:
    return _FENCE.sub("", text)


def find_table_entries(text: str, column: int = 0) -> set[str]:
    """What is set in backticks in one column of the tables of a page."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return {name for row in rows if len(row) > column for name in re.findall(r"`([^`]+)`", row[column])}


def find_section(text: str, heading: str) -> str:
    """The text below a heading, up to the next one of its level or a higher one."""
    match = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert match, f"no section {heading!r}"
    return match[2]
