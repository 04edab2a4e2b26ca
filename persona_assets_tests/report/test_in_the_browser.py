"""What a researcher does with the report: sorts, searches, filters, and gets to the bottom of it in a few clicks."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from persona_assets_tests.report.sites import BROKEN, DIRTY, KEYS, OFFENDING_LINE, ROLE, TRAIT, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[[Path | str], "Page"]
MOST_CLICKS = 3


class Clicks:
    """Counts the clicks of a journey."""

    def __init__(self, page: "Page") -> None:
        self.page, self.count = page, 0

    def on(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.count += 1


@pytest.fixture
def overview(site: Site, open_page: Open) -> "Page":
    page = open_page(site.index)
    page.locator(".tabulator-row").first.wait_for()
    return page


def list_keys(page: "Page") -> list[str]:
    links = page.locator("#table .tabulator-row a").all()
    return [str(link.get_attribute("href")).removeprefix("keys/").removesuffix(".html") for link in links]


def test_all_keys_are_in_the_table_the_worst_first(overview: "Page") -> None:
    listed = list_keys(overview)
    assert sorted(listed) == sorted(KEYS)
    assert listed[0] == BROKEN
    assert overview.locator("#shown").inner_text() == f"{len(KEYS)} of {len(KEYS)}"


def test_it_is_sorted_searched_and_filtered_at_once(overview: "Page") -> None:
    overview.locator(".tabulator-col[tabulator-field=rows]").click()
    rows = [
        int(text)
        for text in overview.locator("[tabulator-field=rows].tabulator-cell").all_inner_texts()
        if text.isdigit()
    ]
    assert rows == sorted(rows, reverse=True)
    assert len(rows) == len(KEYS) - 1
    overview.locator("#search").fill("gemma ali")
    assert list_keys(overview) == [DIRTY]
    overview.locator("#search").fill("")
    overview.get_by_role("button", name="trait", exact=True).click()
    assert list_keys(overview) == [TRAIT]
    overview.get_by_role("button", name="failed", exact=True).click()
    assert list_keys(overview) == []
    assert "Nothing fits" in overview.locator("#table").inner_text()


def test_something_is_wrong_leads_to_the_offending_line_in_few_clicks(overview: "Page") -> None:
    clicks = Clicks(overview)
    clicks.on(f"#attention a[href='keys/{DIRTY}.html']")
    assert overview.url.endswith(f"/keys/{DIRTY}.html")
    clicks.on(".why a[href^='#line-']")
    line = overview.locator(f"#line-{OFFENDING_LINE}")
    assert line.evaluate("line => line.matches(':target')")
    assert line.is_visible()
    assert f"alien.jsonl:{OFFENDING_LINE}" in line.inner_text()
    assert clicks.count <= MOST_CLICKS


def test_the_overview_links_to_the_line_itself(overview: "Page") -> None:
    Clicks(overview).on(f"#attention a[href='keys/{DIRTY}.html#line-{OFFENDING_LINE}']")
    assert overview.locator(f"#line-{OFFENDING_LINE}").evaluate("line => line.matches(':target')")


def test_all_keys_of_one_warning_are_a_click_away(overview: "Page") -> None:
    overview.evaluate("location.hash = 'check=no_quarantined_lines'")
    assert list_keys(overview) == [DIRTY]
    overview.evaluate("location.hash = 'state=failed'")
    assert list_keys(overview) == [BROKEN]


def test_a_key_without_a_dataset_says_why(overview: "Page") -> None:
    Clicks(overview).on(f"#attention a[href='keys/{BROKEN}.html']")
    assert "alien.json, line 1" in overview.locator(".why").inner_text()
    assert overview.locator("#conversations").count() == 0


def test_a_score_of_a_persona_is_seen_in_few_clicks(overview: "Page") -> None:
    clicks = Clicks(overview)
    clicks.on("#search")
    overview.keyboard.type("gemma accountant")
    clicks.on(f"#table a[href='keys/{ROLE}.html']")
    clicks.on("#conversations button[data-band='2']")
    assert clicks.count <= MOST_CLICKS
    shown = overview.locator(".exchange:visible .side:not(.baseline) .score").all_inner_texts()
    assert set(shown) == {"score 2"}
    assert overview.locator("#shown").inner_text() == f"{len(shown)} shown"
    assert overview.locator(".exchange:visible .side.baseline").count() > 0


def test_both_answers_to_one_question_are_side_by_side(site: Site, open_page: Open) -> None:
    page = open_page(site.workspace.report_page(TRAIT))
    pairs = page.locator(".exchange").filter(has=page.locator(".side + .side")).all()
    assert len(pairs) >= 6
    for pair in pairs:
        assert pair.locator(".label").all_inner_texts() == ["pos", "neg"]
    page.get_by_role("button", name="neg", exact=True).click()
    assert (
        page.locator(".exchange:visible .side[data-label=neg]").count() == page.locator(".exchange:visible").count()
    )


def test_nothing_is_hidden_where_scripts_do_not_run(site: Site, browser: "object") -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(site.workspace.report_page(ROLE).as_uri())
    assert page.locator(".exchange:visible").count() >= 12
    context.close()


def test_every_page_says_nothing_on_the_console_at_either_width(site: Site, open_page: Open) -> None:
    for place in (*site.workspace.report.glob("*.html"), site.workspace.report_page(ROLE)):
        page = open_page(place)
        for width in (1280, 1600):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, place.name


def test_models_are_compared_and_what_fails_under_one_is_found(site: Site, open_page: Open) -> None:
    page = open_page(site.workspace.report / "comparison.html")
    page.get_by_role("button", name="one model").click()
    (row,) = page.locator("#table .tabulator-row").all()
    assert row.locator("[tabulator-field=persona]").inner_text() == "alien"
    assert row.locator("[tabulator-field=failing]").inner_text() == "qwen-3-32b"
    page.get_by_role("button", name="any").click()
    page.get_by_role("button", name="length against baseline").click()
    assert "×" in page.locator("#table").inner_text()  # noqa: RUF001
