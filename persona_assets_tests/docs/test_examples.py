"""The examples of the papers run, and the data dictionary has every entry of the demo's files."""

import json
import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pytest

from persona_assets import open_views
from persona_assets_tests.docs import DOCS, PAGES, find_code_blocks, find_section, read_page
from persona_assets_tests.stage_names import STAGES

STEERING = DOCS / "steering.md"
"""Its examples read exports, and are run after its commands by ``steering/test_page.py``."""
SNIPPETS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    if page != STEERING
    for number, block in enumerate(find_code_blocks(read_page(page), "python"), start=1)
]
OUTPUTS = read_page(DOCS / "outputs.md")
SUMMARY = ("refused_by_template", "all", "by_score", "by_label", "by_prompt", "thresholds", "by_length")


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_python_example_runs_and_writes_nothing(
    snippet: str, demo_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo_workspace.parent)
    before = sorted(demo_workspace.rglob("*"))
    exec(compile(snippet, "example", "exec"), {})
    assert sorted(demo_workspace.rglob("*")) == before


@pytest.mark.parametrize("library", ["persona_assets", "polars", "pyarrow", "pandas", "datasets"])
def test_the_examples_with_many_datasets_count_every_row_once(
    library: str, demo_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo_workspace.parent)
    section = find_section(read_page(DOCS / "using.md"), "Many datasets at once")
    blocks = find_code_blocks(section, "python")
    [snippet] = [block for block in blocks if re.search(rf"^(import|from) {library}\b", block, re.MULTILINE)]
    names: dict[str, Any] = {}
    exec(compile(snippet, library, "exec"), names)
    manifests = [json.loads(path.read_text()) for path in (demo_workspace / "persona_manifests").iterdir()]
    assert len(names["rows"]) == sum(manifest["scored_dataset"]["rows"] for manifest in manifests)


def test_one_pattern_for_all_files_is_as_bad_as_the_page_says(demo_workspace: Path) -> None:
    data = demo_workspace / "datasets" / "processed" / "persona"
    views = open_views(demo_workspace)
    every = views.sql(f"select count(*) from read_parquet('{data}/*.parquet', union_by_name = true)").fetchall()
    assert every > views.sql("select count(*) from rows").fetchall()
    together = pyarrow.dataset.dataset(list(map(str, data.glob("*.parquet"))))
    assert len({"role", "trait"} & set(together.schema.names)) == 1
    polars = import_module("polars")
    with pytest.raises(polars.exceptions.PolarsError):
        polars.scan_parquet(data / "*.parquet").collect()


def test_there_are_examples() -> None:
    assert len(SNIPPETS) >= 3


@pytest.mark.parametrize(
    ("heading", "file", "places"),
    [
        (
            "Statistics of one key",
            "persona_token_stats/qwen-3-32b__trait__calm.json",
            ["", "all", "tokenizer", "counting"],
        ),
        ("Totals of all keys", "persona_token_stats.json", ["", "metadata"]),
        ("Last outcome", "persona_standings/qwen-3-32b__trait__calm.json", ["", "checks.schema"]),
        ("Catalogue", "persona_catalogue.json", ["", "metadata"]),
        (
            "Manifest",
            "persona_manifests/qwen-3-32b__trait__calm.json",
            ["", *STAGES, "raw_conversations.code", "raw_conversations.ledger"],
        ),
    ],
)
def test_the_data_dictionary_names_every_entry(
    heading: str, file: str, places: Iterable[str], demo_workspace: Path
) -> None:
    named = set(re.findall(r"`([^`]+)`", find_section(OUTPUTS, heading)))
    record = json.loads((demo_workspace / file).read_text(encoding="utf-8"))
    entries = {name for place in places for name in _find_entry(record, place)}
    assert entries - named == set()


def test_a_variant_has_the_entries_that_the_dictionary_says(demo_workspace: Path) -> None:
    path = demo_workspace / "persona_token_stats" / "qwen-3-32b__trait__calm.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    assert all(set(variant) == set(SUMMARY) for variant in record["variants"].values())


def test_every_folder_and_file_of_a_workspace_is_in_the_layout(demo_workspace: Path) -> None:
    layout = find_section(OUTPUTS, "Layout")
    made_by_the_demo = {"persona-data"}
    names = {path.name for path in demo_workspace.iterdir()} - made_by_the_demo
    assert [name for name in sorted(names) if f"  {name}" not in layout and f" {name}/" not in layout] == []


def _find_entry(record: Any, place: str) -> Any:
    for name in filter(None, place.split(".")):
        record = record[name]
    return record
