"""One site for all tests that only look at it, and a browser that is told of everything a page must not do."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from persona_assets_tests.report.sites import Site, make_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-sync")
PATIENCE_MILLISECONDS = 20_000


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Not to be changed."""
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'"
    )
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: "Browser") -> "Iterator[Callable[[Path | str], Page]]":
    """Open a page. At the end of the test, nothing it must not have done was done by any."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MILLISECONDS)

    def refuse(dialog: Any) -> None:
        wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def watch(page: Any) -> None:
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("dialog", refuse)
        page.on("request", lambda request: wrong.extend(_name_external(request.url)))

    def open_one(place: Path | str) -> "Page":
        page = context.new_page()
        watch(page)
        page.goto(place.as_uri() if isinstance(place, Path) else place)
        return page

    yield open_one
    ran = [page.url for page in context.pages if page.evaluate("window.__xss !== undefined")]
    context.close()
    assert (ran, wrong) == ([], [])


def _name_external(url: str) -> list[str]:
    return [] if url.startswith(("file:", "data:", "http://127.0.0.1:")) else [f"request: {url}"]
