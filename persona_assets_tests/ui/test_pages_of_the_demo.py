"""What the UI says of assets, checks and runs, over the raw files of the demo.

The tests go from looking to changing: before anything is made, after a command, after runs of the UI.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.sample.conversations import sample_keys, write_sample_corpus
from persona_assets.stages.registry import list_checks
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import MODELS, responses_file, write_settings
from persona_assets_tests.ui.browsing import Visit, visit
from persona_assets_tests.ui.graphql import ask
from persona_assets_tests.ui.runs import launch_key, list_runs, wait_for_catalogue, wait_for_run
from persona_assets_tests.ui.workspaces import Served, generate, serve

pytestmark = pytest.mark.campaign

if TYPE_CHECKING:
    from playwright.sync_api import Browser

GROUP = "/locations/persona_assets.definitions/asset-groups"
JOBS = "/locations/persona_assets.definitions/jobs"
KEYS = tuple(map(str, sample_keys()))
BROKEN, BROKEN_LATER = "qwen-3-32b__trait__calm", "llama-3.3-70b__role__alien"
EXECUTE_ALL = "__ASSET_JOB"
"""The job that Dagster runs after a click on *Execute all*."""
READ_BY = {
    "raw_conversations": {"raw_responses", "raw_inventory"},
    "scored_dataset": {"raw_conversations", "raw_scores"},
    "token_stats": {"scored_dataset", "filtered_variants"},
    "parquet_export": {"scored_dataset", "filtered_variants"},
}
CHECKS = "{ assetNodes { assetChecksOrError { ... on AssetChecks { checks { name description } } } } }"
SEVERITY = re.compile(r"\n\n(ERROR|WARN): ")
GRAPH = """{ assetNodes { assetKey { path } dependencyKeys { path } description
    metadataEntries { ... on TableSchemaMetadataEntry { schema { columns { name description } } } } } }"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Raw files of which nothing is made."""
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    write_settings(folder, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_sample_corpus(Workspace(folder, folder / "persona-data"))
    responses_file(folder / "persona-data", BROKEN).write_text('{"label": "pos", "prom\n')
    with serve(folder) as served:
        yield served


@pytest.fixture(scope="module")
def made(demo: Served) -> Served:
    """All is made but the key of the broken file."""
    assert generate(demo.workspace).returncode == 1
    return demo


@pytest.fixture
def page(demo: Served, browser: "Browser", tmp_path: Path) -> Iterator[Visit]:
    with visit(browser, demo.address, tmp_path) as opened:
        yield opened
    assert opened.wrong == []


def read_graph(address: str) -> dict[str, dict[str, Any]]:
    return {node["assetKey"]["path"][0]: node for node in ask(address, GRAPH)["assetNodes"]}


def test_the_graph_shows_what_reads_what(demo: Served, page: Visit) -> None:
    graph = read_graph(demo.address)
    for asset, read in READ_BY.items():
        assert {key["path"][0] for key in graph[asset]["dependencyKeys"]} == read
    page.go(f"{GROUP}/persona_datasets", "raw_conversations")
    page.take("graph")
    page.go("/asset-groups", "persona_datasets")
    page.take("graph-of-all")
    page.go("/assets", "scored_dataset")
    page.take("assets")


def test_columns_are_described_before_anything_is_made(demo: Served, page: Visit) -> None:
    columns = [
        column
        for entry in read_graph(demo.address)["scored_dataset"]["metadataEntries"]
        for column in entry.get("schema", {}).get("columns", [])
    ]
    assert {"messages", "extract_score", "score_status"} <= {column["name"] for column in columns}
    assert all(column["description"] for column in columns)
    page.go("/assets/scored_dataset", "extract_score")
    page.wait("load_from_disk")
    page.take("scored-dataset-before")
    page.go("/assets/token_stats?view=lineage", "filtered_variants")
    page.take("lineage")


def test_every_check_says_how_severe_it_is(demo: Served) -> None:
    nodes = ask(demo.address, CHECKS)["assetNodes"]
    checks = [check for node in nodes for check in node["assetChecksOrError"].get("checks", [])]
    assert {check.name for check in list_checks()} | {"no_key_failed"} <= {check["name"] for check in checks}
    assert [one["name"] for one in checks if not SEVERITY.search(one["description"])] == []


@pytest.mark.parametrize(
    ("page_of_check", "words"),
    [
        ("raw_conversations?view=checks&checkDetail=row_ledger_balances", "ERROR: after a failure, the later assets"),
        ("scored_dataset?view=checks&checkDetail=score_coverage", "WARN: after a failure, the output is sound"),
        ("persona_catalogue?view=checks&checkDetail=no_key_failed", "ERROR: it holds nothing back"),
    ],
)
def test_a_check_says_on_its_page_what_follows_from_a_failure(page: Visit, page_of_check: str, words: str) -> None:
    page.go(f"/assets/{page_of_check}", words)
    page.take(f"check-{page_of_check.partition('=')[2].partition('=')[2]}-before")


def test_all_checks_of_an_asset_are_run_by_one_click(made: Served, page: Visit) -> None:
    page.go("/assets/scored_dataset?view=checks&checkDetail=schema", "Checks (4)")
    begun = time.time()
    page.click("Execute all")
    run = wait_for_run(made.address, EXECUTE_ALL, begun)
    assert run["status"] == "SUCCESS"
    page.page.reload()
    page.wait("Evaluation result")
    page.take("checks-after-execute-all")
    assert "Execution failed" not in page.text


def test_the_job_of_checks_needs_no_partition(made: Served, page: Visit) -> None:
    page.go(f"{JOBS}/check_personas", "Launchpad")
    page.take("check-job")
    page.click("Launchpad")
    begun = time.time()
    page.click(page.page.get_by_role("button", name="Launch run"))
    run = wait_for_run(made.address, "check_personas", begun)
    assert run["status"] == "SUCCESS"
    page.take("check-run")


def test_the_catalogue_follows_a_run_that_failed(made: Served, page: Visit) -> None:
    responses_file(made.workspace / "persona-data", BROKEN_LATER).write_text("no json\n")
    begun = time.time()
    launch_key(made.address, "materialise_personas", BROKEN_LATER)
    run = wait_for_run(made.address, "materialise_personas", begun)
    assert run["status"] == "FAILURE"
    told = wait_for_catalogue(made.address, run["endTime"])
    assert f"{len(KEYS)} keys: 2 failed" in told["summary"]["text"]
    assert BROKEN_LATER in str(told["concerns"]["table"]["records"])
    page.go("/assets/persona_catalogue", "2 failed")
    page.take("catalogue-after-a-failure")
    assert list_runs(made.address, "refresh_catalogue")[0]["status"] == "SUCCESS"
