"""The five clicks of the README lead where it says, and each has its picture."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from persona_assets_tests.docs import DOCS, README, read_page
from persona_assets_tests.docs.pictures import CLICKS, find_report, open_page
from persona_assets_tests.ui.servers import free_port, running_ui

pytestmark = pytest.mark.campaign

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_BYTES = 600_000
SEEN = {
    "click_1_report": "What needs attention first",
    "click_2_line": "truncated_last_line",
    "click_3_conversations": "rows of min3",
    "click_4_quarantine": "60 rows of 64 lines",
    "click_5_missing": "1 partition",
}
"""What is on the page after each."""


def test_each_click_has_its_picture_in_the_readme_and_they_are_small() -> None:
    named = re.findall(r"docs/(click_\w+)\.png", read_page(README))
    assert list(dict.fromkeys(named)) == list(CLICKS)
    pictures = [DOCS / f"{name}.png" for name in CLICKS]
    assert sum(picture.stat().st_size for picture in pictures) < MOST_BYTES
    for picture in pictures:
        with Image.open(picture) as image:
            image.load()


def test_each_click_leads_where_the_readme_says(
    demo_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
    if not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("no Chromium is installed")
    port = free_port()
    monkeypatch.setenv("PERSONA_WORKSPACE", str(demo_workspace))
    monkeypatch.setenv("PERSONA_REPORT_PORT", str(port))
    with running_ui(tmp_path / "ui.log") as ui, open_page() as page:
        for name, click in CLICKS.items():
            click(page, ui, find_report(port))
            assert find_text(page, SEEN[name]), name


def find_text(page: "Page", text: str) -> bool:
    return page.get_by_text(text).first.is_visible()
