"""The pictures of the README, taken of the demo in a real browser. Renew them with

python -m persona_assets_tests.docs.pictures
"""

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from persona_assets.cli.demo_tour import find_page
from persona_assets.sample.lessons import DIRTY, NEVER_IN_ROLE
from persona_assets_tests.commands import persona_assets
from persona_assets_tests.docs import DOCS
from persona_assets_tests.ui.servers import free_port, running_ui

if TYPE_CHECKING:
    from playwright.sync_api import Page

COLOURS = 256
WIDTH, HEIGHT = 1280, 760
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-sync")
GROUP = "/locations/persona_assets.definitions/asset-groups/persona_datasets"
PATIENCE_MILLISECONDS = 60_000
SETTLED_MILLISECONDS = 2_500
"""What the UI takes to draw what it has loaded."""


def open_report(page: "Page", _: str, report: str) -> None:
    page.goto(f"{report}/index.html")
    page.locator("#table .tabulator-row").first.wait_for()


def open_first_bad_line(page: "Page", ui: str, report: str) -> None:
    open_report(page, ui, report)
    page.locator(f"#attention a[href^='keys/{DIRTY}.html#line-']").click()
    page.locator(".offender").first.wait_for()


def open_conversations(page: "Page", ui: str, report: str) -> None:
    open_report(page, ui, report)
    page.locator("#search").fill("llama alien")
    page.locator(f"#table a[href='keys/{NEVER_IN_ROLE}.html']").click()
    page.locator(".exchange").first.wait_for()


def open_quarantine(page: "Page", ui: str, _: str) -> None:
    page.goto(ui + find_page("raw_conversations", DIRTY))
    page.get_by_text("60 rows of 64 lines").first.wait_for()


def open_missing(page: "Page", ui: str, _: str) -> None:
    page.goto(ui + GROUP)
    page.get_by_role("button", name="Materialize all").first.click()
    page.get_by_role("button", name="Missing", exact=True).click()
    page.get_by_role("button", name="Launch 1 run").wait_for()


CLICKS: dict[str, Callable[["Page", str, str], None]] = {
    "click_1_report": open_report,
    "click_2_line": open_first_bad_line,
    "click_3_conversations": open_conversations,
    "click_4_quarantine": open_quarantine,
    "click_5_missing": open_missing,
}


def take_pictures(folder: Path) -> None:
    """Make the demo, and take a picture of each of the five clicks into ``folder``."""
    with tempfile.TemporaryDirectory(prefix="demo-") as place:
        port = free_port()
        os.environ |= {"PERSONA_WORKSPACE": f"{place}/workspace", "PERSONA_REPORT_PORT": str(port)}
        done = persona_assets(Path(place), "demo")
        assert done.returncode == 0, done.stdout + done.stderr
        with running_ui(Path(place) / "ui.log") as ui, open_page() as page:
            for name, click in CLICKS.items():
                click(page, ui, find_report(port))
                page.wait_for_timeout(SETTLED_MILLISECONDS)
                _save(page.screenshot(), folder / f"{name}.png")


def find_report(port: int) -> str:
    return f"http://127.0.0.1:{port}/persona_report"


@contextmanager
def open_page() -> "Iterator[Page]":
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        yield page
        browser.close()


def _save(picture: bytes, path: Path) -> None:
    """With few colours, which flat pages do not need more of, so that the file stays small."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    take_pictures(DOCS)
