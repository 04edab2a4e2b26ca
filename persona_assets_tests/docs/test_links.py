"""Every relative link of the papers leads to a file that is there, and every anchor to a heading."""

import re
from pathlib import Path

import pytest

from persona_assets_tests.docs import DOCS, PAGES, README, ROOT, read_page, remove_code_blocks

BENCHMARKS = ROOT / "benchmarks" / "README.md"
_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<text>.+)$", re.MULTILINE)


@pytest.mark.parametrize("page", [*PAGES, BENCHMARKS], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [match["target"] for match in _LINK.finditer(remove_code_blocks(read_page(page)))]
    broken = [target for target in targets if "://" not in target and not _is_there(page, target)]
    assert broken == []


def test_every_page_is_reached_from_the_readme() -> None:
    linked = {match["target"].split("#")[0] for match in _LINK.finditer(read_page(README))}
    assert {str(page.relative_to(ROOT)) for page in DOCS.glob("*.md")} <= linked


def _is_there(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return False
    return not anchor or anchor in _find_anchors(path)


def _find_anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = [match["text"].lower() for match in _HEADING.finditer(remove_code_blocks(read_page(page)))]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}
