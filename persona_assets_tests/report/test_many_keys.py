"""Ten thousand keys are still one page that opens and reacts quickly."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from persona_assets.report.key_row import KeyRow, LabelTally
from persona_assets.report.overview import render_overview
from persona_assets.report.summary import Entry, Summary

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[[Path | str], "Page"]
BUDGET_BYTES = {1_299: 2_000_000, 10_000: 4_000_000}
SECONDS_TO_REACT = 10.0
"""Far more than it takes, because tests share their machine."""


def make_summary(keys: int) -> Summary:
    entries = {}
    for number in range(keys):
        row = KeyRow(
            key=f"model-{number % 3}__role__persona-{number}",
            model=f"model-{number % 3}",
            kind="role",
            persona=f"persona-{number}",
            data_version=f"{number:016x}",
            warnings=["answers_not_truncated"] * (number % 5 == 0),
            first_line="",
            quarantined=0,
            labels={"pos": LabelTally(dict.fromkeys(range(4), (300, 90000)), (0, 0))},
            rows=1200,
            scored=1100 + number % 100,
            refusals=number % 7,
            tokens=400_000,
            truncated=number % 50,
            median_answer=300.5 + number % 200,
            mean_score=2.1234,
            kept=number % 1200,
        )
        state, reason = ("warned", "checks answers_not_truncated") if row.warnings else ("passed", "")
        entries[row.key] = Entry(row, state, reason, f"{number:024x}")
    return Summary("2026-01-02 03:04 UTC", "code", {"role": ["min3"], "trait": ["pos"]}, entries)


@pytest.mark.parametrize("keys", BUDGET_BYTES)
def test_the_overview_is_small_and_reacts_quickly(keys: int, tmp_path: Path, open_page: Open) -> None:
    text = render_overview(make_summary(keys))
    assert len(text.encode()) <= BUDGET_BYTES[keys]
    path = tmp_path / "index.html"
    path.write_text(text, encoding="utf-8")
    begun = time.monotonic()
    page = open_page(path)
    page.locator(".tabulator-row").first.wait_for()
    page.locator(".tabulator-col[tabulator-field=kept]").click()
    page.locator("#search").fill("persona-1298")
    assert page.locator("#table .tabulator-row a").first.inner_text() == "persona-1298"
    assert time.monotonic() - begun < SECONDS_TO_REACT
    assert page.locator(".tabulator-row").count() < 200
