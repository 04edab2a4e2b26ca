"""1,299 keys with known faults, made by real commands, looked at in a real browser as whoever keeps the corpus does.

The tests go from looking to changing: the last one mends what is broken.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from persona_assets_tests.stage_names import STAGES
from persona_assets_tests.ui.browsing import Visit, tell, visit
from persona_assets_tests.ui.graphql import ask
from persona_assets_tests.ui.many_keys import ACCOUNTANT, KEYS, Faults, choose_faults, mend, write_many_keys
from persona_assets_tests.ui.runs import list_runs, wait_for_catalogue, wait_for_run
from persona_assets_tests.ui.workspaces import Done, Served, generate, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FAULTS = choose_faults()
SOUND = len(KEYS) - len(FAULTS.broken)
MOST_CLICKS = 3
WHY = "None of its 1 lines is a conversation"
OVERVIEW_BYTES = 2_000_000

pytestmark = pytest.mark.campaign


@dataclass(frozen=True)
class Corpus:
    """The workspace, served after two commands."""

    served: Served
    faults: Faults
    first: Done
    second: Done


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    workspace = tmp_path_factory.mktemp("many_keys") / "workspace"
    write_many_keys(workspace, FAULTS)
    first, second = generate(workspace), generate(workspace)
    tell(f"generate: {first.seconds:.1f} s, again {second.seconds:.1f} s")
    with serve(workspace) as served:
        yield Corpus(served, FAULTS, first, second)


@pytest.fixture
def page(corpus: Corpus, browser: "Browser", tmp_path: Path) -> Iterator[Visit]:
    """The Dagster UI."""
    with visit(browser, corpus.served.address, tmp_path) as opened:
        yield opened
    assert opened.wrong == []


@pytest.fixture
def overview(corpus: Corpus, browser: "Browser", tmp_path: Path) -> Iterator[Visit]:
    """The report."""
    with visit(browser, corpus.served.report, tmp_path) as opened:
        opened.page.goto("/persona_report/index.html")
        opened.page.locator(".tabulator-row").first.wait_for()
        yield opened
    assert opened.wrong == []


LATEST = """query ($asset: AssetKeyInput!, $key: [String!]) { assetOrError(assetKey: $asset) { ... on Asset {
    assetMaterializations(partitions: $key, limit: 1) { runId metadataEntries { label } } } } }"""


def test_the_summary_says_what_failed_and_how_many_were_up_to_date(corpus: Corpus) -> None:
    assert (corpus.first.returncode, corpus.second.returncode) == (1, 1)
    assert f"{SOUND:,} of 1,299 keys done, 15 failed" in corpus.first.output
    assert f"{SOUND:,} of 1,299 keys done ({SOUND:,} were up to date), 15 failed" in corpus.second.output
    assert all(key in corpus.second.output for key in corpus.faults.broken)


def test_pages_of_keys_keep_what_was_said_when_they_were_made(corpus: Corpus, page: Visit) -> None:
    made = {run["runId"] for run in list_runs(corpus.served.address, "materialise_personas")[-3:]}
    for stage in STAGES:
        answer = ask(corpus.served.address, LATEST, asset={"path": [stage]}, key=[ACCOUNTANT])
        (latest,) = answer["assetOrError"]["assetMaterializations"]
        assert latest["runId"] in made
        assert len(latest["metadataEntries"]) > 3
    page.go(f"/assets/histogram?view=partitions&partition={ACCOUNTANT}", "[Show Markdown]")
    page.take("key-histogram")
    page.click("[Show Markdown]")
    picture = page.page.locator("img[src^='data:image/png']").first
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth") >= 700
    page.take("key-histogram-picture")
    page.go(f"/assets/scored_dataset?view=partitions&partition={ACCOUNTANT}", "preview")
    page.page.get_by_text("What is a fair price for bread?").first.wait_for()
    page.take("key-scored-dataset")


def test_the_page_of_the_catalogue_names_every_failed_key_before_any_warning(corpus: Corpus, page: Visit) -> None:
    page.go("/assets/persona_catalogue", "concerns")
    page.take("catalogue")
    listed = re.findall(r"^\s*(\S+__\S+__\S+)\t(failed|warned|stale|missing)\t", page.text, re.MULTILINE)
    assert sorted(key for key, _ in listed[:15]) == list(corpus.faults.broken)
    assert {state for _, state in listed[:15]} == {"failed"}
    assert {state for _, state in listed[15:]} == {"warned"}
    assert f"{len(corpus.faults.broken) + len(corpus.faults.warned) - 100} more in" in page.text
    page.go("/assets/persona_catalogue?view=checks&checkDetail=no_key_failed", "15 of 1,299 keys failed")
    page.take("catalogue-check")


def test_a_failed_key_costs_the_checks_of_an_asset_nothing(page: Visit) -> None:
    for asset, checks, failed in (("raw_conversations", 4, 2), ("scored_dataset", 4, 1), ("histogram", 1, 0)):
        page.go(f"/assets/{asset}?view=checks", f"Checks ({checks})")
        page.wait("Passed")
        page.take(f"checks-of-{asset}")
        assert "Execution failed" not in page.text
        assert page.page.locator("[class*=checkRow]", has_text="Failed").count() == failed


def test_a_failed_key_says_why_within_two_clicks(corpus: Corpus, page: Visit) -> None:
    key = corpus.faults.broken[0]
    page.go(f"/assets/raw_conversations?view=partitions&partition={key}", "failed, and did not materialize")
    page.take("failed-key")
    page.click(page.page.locator("a[href^='/runs/']"))
    page.wait("RUN_FAILURE")
    page.take("failed-run")
    (line,) = {line for line in page.text.splitlines() if line.startswith(f"{key}: raw_conversations: ")}
    assert WHY in line
    assert page.clicks <= 2


def test_the_check_of_a_failed_key_says_why_within_two_clicks(corpus: Corpus, page: Visit) -> None:
    page.go("/assets/raw_conversations?view=checks&checkDetail=row_ledger_balances", WHY)
    page.take("failed-check")
    page.choose_partition(corpus.faults.broken[0])
    page.page.get_by_text("View all historical executions").wait_for()
    page.wait(WHY)
    page.take("failed-check-of-a-key")
    assert page.clicks <= 2


def test_runs_of_commands_are_on_home_and_jobs_as_what_they_were(corpus: Corpus, page: Visit) -> None:
    runs = list_runs(corpus.served.address, "materialise_personas")
    assert len(runs) >= 4
    assert {run["status"] for run in runs} == {"FAILURE"}
    page.go("/overview/activity/timeline", "materialise_personas")
    page.take("home")
    page.go("/jobs", "redo_failed_personas")
    page.take("jobs")
    page.go("/runs", "materialise_personas")
    page.take("runs")
    assert page.text.count("Failure") >= 4


def test_the_report_is_small_and_at_hand_at_once(corpus: Corpus, overview: Visit) -> None:
    file = corpus.served.workspace / "persona_report" / "index.html"
    assert file.stat().st_size <= OVERVIEW_BYTES
    begun = time.monotonic()
    overview.page.goto("/persona_report/index.html")
    overview.page.locator(".tabulator-row").first.wait_for()
    overview.page.locator("#search").fill("gemma accountant")
    assert list_keys(overview) == [ACCOUNTANT]
    seconds = time.monotonic() - begun
    tell(f"overview: {file.stat().st_size:,} bytes, {seconds:.2f} s")
    overview.page.locator("#search").fill("")
    overview.take("report-overview")


def list_keys(overview: Visit) -> list[str]:
    links = overview.page.locator("#table .tabulator-row a").all()
    return [str(link.get_attribute("href")).removeprefix("keys/").removesuffix(".html") for link in links]


def test_all_keys_are_sorted_searched_and_filtered(corpus: Corpus, overview: Visit) -> None:
    page = overview.page
    assert page.locator("#shown").inner_text() == "1,299 of 1,299"
    assert set(list_keys(overview)[:15]) == set(corpus.faults.broken)
    page.locator(".tabulator-col[tabulator-field=scored_share]").click()
    page.locator(".tabulator-col[tabulator-field=scored_share]").click()
    for state, number in (("failed", 15), ("warned", 95), ("passed", 1189)):
        page.get_by_role("button", name=state, exact=True).click()
        assert page.locator("#shown").inner_text() == f"{number:,} of 1,299"
    page.get_by_role("button", name="trait", exact=True).click()
    page.locator("#search").fill("calm")
    assert len(list_keys(overview)) == 2
    page.evaluate("location.hash = 'check=score_coverage'")
    page.locator("#search").fill("")
    overview.take("report-filtered")


def test_something_is_wrong_leads_to_the_offending_line_in_few_clicks(corpus: Corpus, overview: Visit) -> None:
    overview.take("report-attention")
    link = overview.page.locator("#attention a[href*='#line-']").first
    key = str(link.get_attribute("href")).removeprefix("keys/").partition(".html")[0]
    overview.click(link)
    line = overview.page.locator(".offender:target")
    line.wait_for()
    assert line.is_visible()
    assert "line" in overview.page.url
    assert key in (*corpus.faults.dirty, *corpus.faults.broken)
    overview.take("report-offending-line")
    assert overview.clicks <= MOST_CLICKS


def test_a_score_of_a_persona_is_seen_in_few_clicks(overview: Visit) -> None:
    overview.click(overview.page.locator("#search"))
    overview.page.keyboard.type("gemma accountant")
    overview.click(overview.page.locator(f"#table a[href='keys/{ACCOUNTANT}.html']"))
    overview.click(overview.page.locator("#conversations button[data-band='2']"))
    shown = overview.page.locator(".exchange:visible .side:not(.baseline) .score").all_inner_texts()
    assert set(shown) == {"score 2"}
    assert overview.clicks <= MOST_CLICKS
    overview.take("report-score-2")


@pytest.mark.parametrize("name", ["thresholds", "comparison", "changes"])
def test_the_other_pages_of_the_report(overview: Visit, name: str) -> None:
    overview.page.goto(f"/persona_report/{name}.html")
    overview.page.locator("h1").wait_for()
    overview.take(f"report-{name}")


def test_mended_files_are_made_good_in_one_launch_and_the_catalogue_follows(corpus: Corpus, page: Visit) -> None:
    address = corpus.served.address
    mend(corpus.served.workspace, corpus.faults.broken)
    page.go("/locations/persona_assets.definitions/jobs/redo_failed_personas", "Launchpad")
    page.take("redo-job")
    page.click("Launchpad")
    begun = time.time()
    page.click(page.page.get_by_role("button", name="Launch run"))
    run = wait_for_run(address, "redo_failed_personas", begun)
    whole, alone = time.time() - begun, run["endTime"] - run["startTime"]
    tell(f"15 failed keys made again: {whole:.1f} s, the run {alone:.1f} s")
    assert run["status"] == "SUCCESS"
    page.wait("Success")
    page.take("redo-run")
    assert "failed" not in wait_for_catalogue(address, run["endTime"])["summary"]["text"]
    page.go("/assets/persona_catalogue", "concerns")
    page.take("catalogue-after-mending")
