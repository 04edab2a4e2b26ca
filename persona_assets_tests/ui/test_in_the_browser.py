"""What a researcher does in the UI: choose a key in the dialog, materialise it, look at what came out."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import pytest

from persona_assets.dagster_defs.partitions import register
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.keys import DatasetKey
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import STAGES, partition_states
from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.ui.browsing import visit
from persona_assets_tests.ui.servers import PATIENCE_SECONDS, running_ui

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
KEY = "qwen-3-32b__trait__stoic"


@pytest.fixture
def instance(workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """The home that the UI shows, knowing every key and nothing made of any."""
    monkeypatch.setenv("DAGSTER_HOME", str(workspace_with_corpus / "dagster_home"))
    with open_instance(Workspace(workspace_with_corpus, workspace_with_corpus / "persona-data")) as opened:
        register(opened, [DatasetKey.parse(key) for key in KEYS])
        yield opened


@pytest.fixture
def page(instance: dg.DagsterInstance, browser: "Browser", tmp_path: Path) -> "Iterator[Page]":
    with running_ui(tmp_path / "ui.log") as address, visit(browser, address, tmp_path) as visited:
        yield visited.page


def test_a_key_chosen_in_the_dialog_is_materialised_alone_and_its_picture_and_checks_are_shown(
    page: "Page", instance: dg.DagsterInstance
) -> None:
    page.goto("/locations/persona_assets.definitions/asset-groups/persona_datasets")
    page.get_by_role("button", name="Materialize all").first.click()
    choose_only(page, KEY)
    page.get_by_role("button", name="Launch 1 run").click()
    wait_until_finished(instance)
    for stage in STAGES:
        assert partition_states(instance, stage) == dict.fromkeys(KEYS, "none") | {KEY: "MATERIALIZED"}
    page.goto(f"/assets/histogram?view=partitions&partition={KEY}")
    page.get_by_text("[Show Markdown]").click()
    picture = page.locator("img[src^='data:image/png']").first
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 720
    page.goto("/assets/scored_dataset?view=checks")
    page.get_by_text("score_range").first.wait_for()


def choose_only(page: "Page", key: str) -> None:
    """From either start: all are chosen if the dialog opens after their health has loaded, none if before."""
    dialog = page.get_by_role("dialog").first
    dialog.get_by_role("button", name="Custom", exact=True).click()
    dialog.locator("[aria-haspopup=dialog]").click()
    set_choice(page, f"Select all ({len(KEYS)})", chosen=False)
    page.get_by_placeholder("Filter partitions").fill(key)
    set_choice(page, "Select all (1)", chosen=True)
    page.get_by_text("Launch runs to materialize").click()
    sync_api.expect(dialog.get_by_text("1 partition", exact=True)).to_be_visible()


def set_choice(page: "Page", label: str, *, chosen: bool) -> None:
    """By its label, as a mouse does: the checkbox itself is under a drawing and not visible."""
    item = page.get_by_role("menuitem").filter(has_text=label)
    item.wait_for()
    checkbox = item.locator("input[type=checkbox]")
    if checkbox.is_checked() != chosen:
        item.get_by_text(label).click()
    sync_api.expect(checkbox).to_be_checked(checked=chosen)


def wait_until_finished(instance: dg.DagsterInstance) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    finished = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    while not (runs := instance.get_runs(dg.RunsFilter(statuses=finished))):
        assert time.monotonic() < deadline, "no run has ended"
        time.sleep(0.3)
    assert runs[0].status == dg.DagsterRunStatus.SUCCESS
