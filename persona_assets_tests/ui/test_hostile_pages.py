"""Whatever questions, answers, judges, score names, raw lines and personas say: nothing of it runs in the UI.

It shows all of it, in previews, tables, the words of checks, the catalogue and the logs of runs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from persona_assets_tests.report.injections import INJECTIONS
from persona_assets_tests.ui.browsing import Visit, visit
from persona_assets_tests.ui.hostile_keys import FAILING, KEYS, PICTURE, write_hostile_keys
from persona_assets_tests.ui.runs import list_runs
from persona_assets_tests.ui.workspaces import Served, generate, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOWN_CHARACTERS = 80
pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    write_hostile_keys(folder / "workspace")
    assert generate(folder / "workspace").returncode == 1
    with serve(folder / "workspace") as served:
        yield served


@pytest.fixture
def page(hostile: Served, browser: "Browser", tmp_path: Path) -> Iterator[Visit]:
    with visit(browser, hostile.address, tmp_path) as opened:
        yield opened
        assert opened.page.evaluate("window.__xss") is None
    assert opened.wrong == []


def flatten(text: str) -> str:
    """Without what tells no two texts apart on a page."""
    return "".join(letter for letter in text if letter.isprintable() and not letter.isspace())


def test_every_injection_is_shown_as_text_on_the_pages_of_keys(page: Visit) -> None:
    shown = ""
    for place, key in enumerate(KEYS):
        for asset in ("scored_dataset", "raw_conversations"):
            page.go(f"/assets/{asset}?view=partitions&partition={key}", "summary")
            open_all(page)
            shown += flatten(page.text)
        if place == 0:
            page.take("hostile-key")
    missing = [one for one in INJECTIONS if flatten(one)[:SHOWN_CHARACTERS] not in shown]
    assert missing == []


@pytest.mark.parametrize("check", ["score_file_accounted", "score_coverage", "schema"])
def test_what_checks_say_of_a_key_is_text(page: Visit, check: str) -> None:
    page.go(f"/assets/scored_dataset?view=checks&checkDetail={check}", "About")
    page.take(f"hostile-check-{check}")
    page.choose_partition(KEYS[0])
    page.wait("Latest execution")
    open_all(page)
    page.take(f"hostile-check-{check}-of-a-key")


def test_a_name_in_a_score_file_is_no_picture_in_the_words_of_a_check(page: Visit) -> None:
    page.go("/assets/scored_dataset?view=checks&checkDetail=score_file_accounted", "entries not used")
    assert PICTURE in page.text
    assert page.page.locator(f"img[src='{PICTURE[5:-1]}']").count() == 0


def test_what_a_failed_key_says_in_the_catalogue_and_in_the_log_is_text(hostile: Served, page: Visit) -> None:
    page.go("/assets/persona_catalogue", "concerns")
    assert FAILING in page.text
    page.take("hostile-catalogue")
    open_all(page)
    (run,) = list_runs(hostile.address, "materialise_personas")
    page.go(f"/runs/{run['runId']}", "1 of 13 keys failed")
    open_all(page)
    page.take("hostile-run")


def open_all(page: Visit) -> None:
    """Move the mouse over everything, and open whatever can be opened."""
    page.page.wait_for_timeout(300)
    page.page.evaluate(
        """for (const one of document.querySelectorAll('body *'))
            for (const kind of ['mouseover', 'mouseenter', 'pointerdown', 'focus'])
                one.dispatchEvent(new MouseEvent(kind, {bubbles: true}));"""
    )
    for link in page.page.get_by_text("[Show ").all():
        link.click()
        page.page.get_by_role("button", name="Close").click()
    assert page.page.evaluate("document.querySelectorAll('main iframe, #root iframe, object, embed').length") == 0
