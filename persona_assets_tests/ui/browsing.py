"""A researcher at the UI and the report: a browser whose clicks are counted, and whose pages are photographed."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Locator, Page, Request

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--no-sandbox",  # as root it refuses to start otherwise
    "--disable-dev-shm-usage",  # containers give it little
    "--disable-gpu",
    # It would ask its maker's hosts for things a test does not need.
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
PATIENCE_MILLISECONDS = 30_000
SETTLING_MILLISECONDS = 700
"""What a page of the UI that shows what was waited for may still move."""
WIDTH, HEIGHT = 1440, 900
_folder_of_screenshots = os.environ.get("PERSONA_SCREENSHOTS")
"""Read before the tests clean the environment."""


@contextmanager
def open_browser() -> "Iterator[Browser]":
    """Chromium; the test is skipped where there is none."""
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'"
    )
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        sync_api.expect.set_options(timeout=PATIENCE_MILLISECONDS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """One page in the browser, what was clicked on the way, and what it did that no page may do."""

    page: "Page"
    screenshots: Path
    clicks: int = 0
    wrong: list[str] = field(default_factory=list)

    def go(self, address: str, wait_for: str) -> None:
        """Open a page and wait until it shows a text."""
        self.page.goto(address)
        self.wait(wait_for)

    def wait(self, text: str) -> None:
        self.page.get_by_text(text).locator("visible=true").first.wait_for()

    def click(self, what: "Locator | str") -> None:
        """Click on a text or an element."""
        self.clicks += 1
        (self.page.get_by_text(what).locator("visible=true") if isinstance(what, str) else what).first.click()

    def take(self, name: str) -> None:
        """Photograph what is in the window."""
        self.page.wait_for_timeout(SETTLING_MILLISECONDS)
        self.page.screenshot(path=self.screenshots / f"{name}.png")

    def choose_partition(self, key: str) -> None:
        """Of a check: in its pane, from any of its panes."""
        self.click(self.page.get_by_role("tab", name="Partitions").last)
        self.click(self.page.locator(f"[title='{key}']"))

    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()


@contextmanager
def visit(browser: "Browser", address: str, folder: Path) -> Iterator[Visit]:
    """A new window on ``address``. Nothing in it may open a dialog or ask another machine for anything."""
    screenshots = Path(_folder_of_screenshots or folder)
    screenshots.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=address, viewport={"width": WIDTH, "height": HEIGHT})
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    opened = Visit(page, screenshots)

    def note(request: "Request") -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:", "file:")):
            opened.wrong.append(f"request: {request.url}")

    def refuse(dialog: "Dialog") -> None:
        opened.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", note)
    page.on("dialog", refuse)
    yield opened
    context.close()


def tell(figure: str) -> None:
    """Say what was measured; pytest shows it with ``-s``, or beside a failure."""
    sys.stdout.write(f"{figure}\n")
