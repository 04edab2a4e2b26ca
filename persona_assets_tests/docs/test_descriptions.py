"""What the UI says of assets before any run is true: examples run, columns are those written, sources exist."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec
import pytest

from persona_assets.collection.dictionary import (
    CATALOGUE_EXAMPLE,
    PICTURES_EXAMPLE,
    STATISTICS_COLUMNS,
    STATISTICS_EXAMPLE,
)
from persona_assets.dagster_defs.code_references import CODE_REFERENCES
from persona_assets.dagster_defs.column_schemas import COLUMN_LINEAGE
from persona_assets.dagster_defs.descriptions import EXAMPLE_KEY
from persona_assets.definitions import defs
from persona_assets.kinds import KINDS
from persona_assets.raw.rows import RawRow
from persona_assets.stage.columns import Column
from persona_assets.stage.shown import COLUMN_SCHEMA
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.conversation_signs.dictionary import SIGN_COLUMNS
from persona_assets.stages.conversation_signs.schema import SIGNS_SCHEMA
from persona_assets.stages.raw_conversations.dictionary import ROW_COLUMNS
from persona_assets.stages.registry import STAGES, list_stages
from persona_assets.stages.scored_dataset.dictionary import DATASET_COLUMNS
from persona_assets.stages.token_stats.dictionary import COUNT_COLUMNS
from persona_assets.statistics.counts_table import COUNTS_SCHEMA, SAMPLE_INDEX
from persona_assets.statistics.tidy import TIDY_SCHEMA
from persona_assets.store.dataset_folders import OPTIONAL_COLUMNS, dataset_schema
from persona_assets_tests.docs import DOCS, find_section, read_page

REPOSITORY = defs.get_repository_def()
GRAPH = REPOSITORY.asset_graph
NODES = {key.to_user_string(): GRAPH.get(key) for key in GRAPH.get_all_asset_keys()}
RAW_FILES = {"raw_responses", "raw_scores"}
EXAMPLES = {stage.name: stage.example for stage in STAGES} | {
    "persona_token_stats": STATISTICS_EXAMPLE,
    "persona_catalogue": CATALOGUE_EXAMPLE,
    "persona_comparison_plots": PICTURES_EXAMPLE,
}


@pytest.mark.parametrize("asset", EXAMPLES)
def test_the_example_on_the_page_of_an_asset_runs_and_writes_nothing(asset: str, demo_workspace: Path) -> None:
    assert "```python\n" in (NODES[asset].description or "")
    before = sorted(demo_workspace.rglob("*"))
    code = EXAMPLES[asset].format(workspace=demo_workspace, key=EXAMPLE_KEY)
    names: dict[str, Any] = {}
    exec(compile(code, asset, "exec"), names)
    assert sorted(demo_workspace.rglob("*")) == before


@pytest.mark.parametrize("asset", sorted(NODES))
def test_an_asset_says_in_one_line_what_it_is_and_refers_to_its_code(asset: str) -> None:
    first, *_ = (NODES[asset].description or "").splitlines()
    assert 20 < len(first) < 300
    assert (CODE_REFERENCES in NODES[asset].metadata) == (asset not in RAW_FILES)
    assert "made_for" in NODES[asset].tags


def test_the_tags_of_the_stages_are_in_the_order_of_work() -> None:
    steps = {asset: int(node.tags["step"]) for asset, node in NODES.items() if "step" in node.tags}
    assert sorted(steps, key=lambda asset: steps[asset]) == [stage.name for stage in STAGES]


def test_every_job_sensor_and_schedule_says_what_it_does() -> None:
    told = {job.name: job.description for job in REPOSITORY.get_all_jobs() if not job.name.startswith("__")}
    told |= {sensor.name: sensor.description for sensor in REPOSITORY.sensor_defs}
    told |= {schedule.name: schedule.description for schedule in REPOSITORY.schedule_defs}
    assert [name for name, description in told.items() if len(description or "") < 40] == []


def test_failed_keys_are_two_clicks_away_from_the_page_of_every_stage() -> None:
    for stage in list_stages(PERSONAS):
        assert "/locations/persona_assets.definitions/jobs/redo_failed_personas" in (
            NODES[stage.name].description or ""
        )


def types(columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: column.type for column in columns}


def schema_types(schema: Any) -> dict[str, str]:
    return {field.name: str(field.type) for field in schema}


def test_the_columns_of_a_dataset_are_those_of_both_kinds() -> None:
    schemas = [schema_types(dataset_schema(kind, tuple(OPTIONAL_COLUMNS))) for kind in KINDS.values()]
    written = schemas[0] | schemas[1]
    written["messages"] = "list<struct<role: string, content: string>>"  # Arrow also names the element
    assert types(DATASET_COLUMNS) == {name: kind.replace("double", "float64") for name, kind in written.items()}


def test_the_columns_of_counts_and_signs_and_statistics_are_those_written() -> None:
    assert types(COUNT_COLUMNS) == schema_types([*COUNTS_SCHEMA, SAMPLE_INDEX])
    assert types(SIGN_COLUMNS) == schema_types(SIGNS_SCHEMA)
    assert types(STATISTICS_COLUMNS) == schema_types(TIDY_SCHEMA)
    assert {column.name: column.nullable for column in STATISTICS_COLUMNS} == {
        field.name: field.nullable for field in TIDY_SCHEMA
    }


def test_the_columns_of_raw_rows_are_the_fields_of_a_row() -> None:
    assert {column.name for column in ROW_COLUMNS} == {field.name for field in msgspec.structs.fields(RawRow)}


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("Datasets", DATASET_COLUMNS),
        ("Token counts of every row", COUNT_COLUMNS),
        ("Signs of every row", SIGN_COLUMNS),
        ("Statistics of all keys, as a table", STATISTICS_COLUMNS),
    ],
)
def test_the_data_dictionary_says_null_of_the_same_columns(heading: str, columns: tuple[Column, ...]) -> None:
    null = {name: "never" not in text for name, text in read_null(heading).items()}
    assert {column.name: column.nullable for column in columns if column.name in null} == null


def read_null(heading: str) -> Mapping[str, str]:
    """What the page says about null, by column."""
    rows = [line.split("|") for line in find_section(read_page(DOCS / "outputs.md"), heading).splitlines()]
    told = [(row[1].replace(" or ", ",").split(","), row[3]) for row in rows if len(row) > 4 and "`" in row[1]]
    return {name.strip().strip("`"): null for names, null in told for name in names}


@pytest.mark.parametrize("asset", sorted(NODES))
def test_the_sources_of_a_column_are_columns_of_assets_that_are_read(asset: str) -> None:
    lineage = NODES[asset].metadata.get(COLUMN_LINEAGE)
    made = lineage.deps_by_column if lineage else {}
    for column, sources in made.items():
        assert column in columns_of(asset)
        for source in sources:
            assert source.asset_key in NODES[asset].parent_keys
            assert source.column_name in columns_of(source.asset_key.to_user_string())


def columns_of(asset: str) -> set[str]:
    schema = NODES[asset].metadata[COLUMN_SCHEMA]
    assert isinstance(schema, dg.TableSchema)
    return {column.name for column in schema.columns}


def test_every_column_of_a_table_that_is_made_of_another_says_of_which() -> None:
    """Only what the name of the key says, and what groups are called, comes from no column."""
    named_by_the_key = {"model", "role", "trait", "type", "name", "variant", "group"}
    for asset in ("scored_dataset", "filtered_variants", "parquet_export", "token_stats", "conversation_signs"):
        made = NODES[asset].metadata[COLUMN_LINEAGE].deps_by_column
        assert columns_of(asset) - set(made) <= named_by_the_key
