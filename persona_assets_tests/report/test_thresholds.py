"""What each minimum keeps is exact: as counted row by row from the datasets and the token counts."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from persona_assets.keys import DatasetKey
from persona_assets_tests.report.sites import BROKEN, KEYS, Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

Open = Callable[[Path | str], "Page"]


def read_kept(site: Site, key: str, minimum: int, label: str) -> tuple[int, int]:
    """The rows and tokens of one key that a variant keeps, by plain reading."""
    root = site.workspace.root
    rows = pd.read_parquet(root / "datasets/processed/persona" / f"{key}.parquet")
    counts = pd.read_parquet(root / "persona_token_stats" / f"{key}.parquet")
    kept = (rows["extract_score"] >= minimum) & ((rows["label"] == label) | (label == ""))
    return int(kept.sum()), int(counts["tokens"][kept.to_numpy()].sum())


def read_number(text: str) -> int:
    return int(text.replace(",", ""))


@pytest.mark.parametrize(("kind", "label", "minimum"), [("role", "", 0), ("role", "pos", 2), ("trait", "pos", 63)])
def test_rows_and_tokens_of_every_key_and_over_keys_are_those_of_the_datasets(
    site: Site, open_page: Open, kind: str, label: str, minimum: int
) -> None:
    page = open_page(site.workspace.report / "thresholds.html")
    page.locator(f"button[data-choice=kind][data-value={kind}]").click()
    page.locator(f"#labels button[data-value='{label}']").click()
    page.locator("#minimum").fill(str(minimum))
    keys = [key for key in KEYS if f"__{kind}__" in key and key != BROKEN and "default" not in key]
    expected = {key: read_kept(site, key, minimum, label) for key in keys}
    shown = {}
    for row in page.locator("#table .tabulator-row").all():
        key = str(row.locator("a").get_attribute("href")).removeprefix("keys/").removesuffix(".html")
        cells = (row.locator(f"[tabulator-field={name}]").inner_text() for name in ("now", "now_tokens"))
        shown[key] = tuple(map(read_number, cells))
    assert shown == expected
    total = page.locator("#quantiles tr.total td").all_inner_texts()[2:]
    assert list(map(read_number, total)) == [sum(one[what] for one in expected.values()) for what in (0, 1)]
    first = page.locator("#quantiles tbody tr").first.locator("td").all_inner_texts()[2]
    assert (
        read_number(first)
        == sorted((rows for rows, _ in expected.values()), reverse=True)[math.ceil(0.9 * len(keys)) - 1]
    )


def test_the_highest_minimum_is_the_highest_that_keeps_enough_rows_of_enough_keys(
    site: Site, open_page: Open
) -> None:
    page = open_page(site.workspace.report / "thresholds.html")
    page.locator("button[data-choice=kind][data-value=trait]").click()
    page.locator("#wanted").fill("20")
    page.locator("#share").fill("100")
    (key,) = (key for key in KEYS if DatasetKey.parse(key).kind_name == "trait")
    expected = max(minimum for minimum in range(101) if read_kept(site, key, minimum, "pos")[0] >= 20)
    assert page.locator("#highest").inner_text() == str(expected)
    page.get_by_role("button", name="look at it").click()
    assert page.locator("#variant").inner_text() == f"min{expected}__pos"
    assert f'trait = ["pos", "neg", "min70__pos", "min{expected}__pos"]' in page.locator("#setting").inner_text()
    assert page.locator("#command").inner_text() == "persona-assets generate --type traits"
    page.locator("#wanted").fill("100000")
    assert "no minimum does" in page.locator("#answer").inner_text()
