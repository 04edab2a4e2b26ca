"""Every name that users see is explained, and every name explained exists."""

from collections.abc import Iterable
from enum import StrEnum

import pyarrow as pa
import pytest

from persona_assets.collection.gathered_counts import GATHERED_SCHEMA
from persona_assets.collection.survey import State
from persona_assets.dagster_defs.catalogue_asset import CHECKS_OF_STATES, COMPLETE, NO_COPIES
from persona_assets.dagster_runtime.own_names import CATALOGUE
from persona_assets.definitions import defs
from persona_assets.kinds import KINDS
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.rows import Note, Reason
from persona_assets.raw.scores import ScoreStatus
from persona_assets.stages.conversation_signs.schema import SIGNS_SCHEMA
from persona_assets.stages.registry import list_checks
from persona_assets.statistics.counts_table import COUNTS_SCHEMA
from persona_assets.statistics.tidy import TIDY_SCHEMA
from persona_assets.store.dataset_folders import OPTIONAL_COLUMNS, dataset_schema
from persona_assets_tests.docs import DOCS, find_section, find_table_entries, read_page

CHECKS_PAGE, OUTPUTS, USING = (read_page(DOCS / name) for name in ("checks.md", "outputs.md", "using.md"))
AUTOMATION = read_page(DOCS / "automation.md")
REPOSITORY = defs.get_repository_def()


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Quarantine reasons", Reason),
        ("Notes", Note),
        ("Score statuses", ScoreStatus),
        ("Key states", State),
    ],
)
def test_a_closed_list_is_explained_name_by_name(heading: str, names: type[StrEnum]) -> None:
    assert find_table_entries(find_section(CHECKS_PAGE, heading)) == {name.value for name in names}


def test_every_asset_is_described() -> None:
    assets = {key.to_user_string() for key in REPOSITORY.asset_graph.get_all_asset_keys()}
    assert find_table_entries(find_section(USING, "The assets")) == assets


def test_every_asset_check_is_described_with_its_severity_and_what_it_holds_back() -> None:
    rows = [line.split("|") for line in find_section(CHECKS_PAGE, "Asset checks").splitlines() if "`" in line]
    described = {row[2].strip().strip("`"): (row[3].strip(), row[4].strip()) for row in rows if len(row) > 5}
    assert described == {
        check.name: ("ERROR" if check.severe else "WARN", "the later stages" if check.gates else "nothing")
        for check in list_checks()
    }


def test_every_check_of_the_corpus_is_described_with_its_severity() -> None:
    rows = [line.split("|") for line in find_section(CHECKS_PAGE, "Checks of the whole corpus").splitlines()]
    described = {row[1].strip().strip("`"): row[2].strip() for row in rows if len(row) > 3 and "`" in row[1]}
    severities = {COMPLETE: True, NO_COPIES: False} | {name: severe for name, severe, _ in CHECKS_OF_STATES.values()}
    assert described == {name: "ERROR" if severe else "WARN" for name, severe in severities.items()}


def test_no_asset_check_is_left_out() -> None:
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for key in REPOSITORY.asset_graph.asset_check_keys:
        names[key.asset_key.to_user_string() == CATALOGUE].add(key.name)
    assert {check.name for check in list_checks()} == names[False]
    assert find_table_entries(find_section(CHECKS_PAGE, "Checks of the whole corpus")) == names[True]


def test_every_job_sensor_and_schedule_is_described() -> None:
    jobs = {job.name for job in REPOSITORY.get_all_jobs() if not job.name.startswith("__")}
    assert jobs <= find_table_entries(find_section(USING, "The Dagster UI"))
    automations = {sensor.name for sensor in REPOSITORY.sensor_defs} | {one.name for one in REPOSITORY.schedule_defs}
    assert find_table_entries(find_section(AUTOMATION, "Sensors and the schedule")) == automations


@pytest.mark.parametrize(
    ("heading", "schemas"),
    [
        ("Datasets", [dataset_schema(kind, tuple(OPTIONAL_COLUMNS)) for kind in KINDS.values()]),
        ("Token counts of every row", [COUNTS_SCHEMA]),
        ("Token counts of all keys", [GATHERED_SCHEMA]),
        ("Signs of every row", [SIGNS_SCHEMA]),
        ("Statistics of all keys, as a table", [TIDY_SCHEMA]),
    ],
)
def test_a_data_dictionary_has_exactly_the_columns(heading: str, schemas: Iterable[pa.Schema]) -> None:
    columns = {name for schema in schemas for name in schema.names}
    assert find_table_entries(find_section(OUTPUTS, heading)) == columns


def test_the_dictionary_of_the_quarantine_has_exactly_its_entries() -> None:
    assert find_table_entries(find_section(OUTPUTS, "Quarantine")) == set(QuarantinedLine.__annotations__)
