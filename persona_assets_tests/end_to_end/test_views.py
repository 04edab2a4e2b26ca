"""The views over a workspace show what its files hold, each row once, wherever it lies and whatever it lacks."""

import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import persona_assets
from persona_assets.keys import DatasetKey
from persona_assets_tests.end_to_end import open_instance, run_job, run_range
from persona_assets_tests.plain_reading import plain_datasets, plain_rows
from persona_assets_tests.raw_corpus import BROKEN_LINE_KEY, GEMMA, KEYS, QWEN

VIEWS = ("rows", "variants", "tokens", "signs", "statistics", "quarantined", "checks", "keys")
DATA = Path("datasets") / "processed" / "persona"
MANY = 3000
Asked = duckdb.DuckDBPyConnection | persona_assets.Collection


@pytest.fixture(scope="module")
def refreshed(_materialised_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace with the files about all keys."""
    workspace = tmp_path_factory.mktemp("refreshed") / "workspace"
    shutil.copytree(_materialised_once, workspace, copy_function=shutil.copy2)
    with open_instance(workspace) as instance:
        assert run_job(instance, workspace, "refresh_catalogue").success
    return workspace


@pytest.fixture
def moved(refreshed: Path, tmp_path: Path) -> Path:
    """The same in a place with every character that a path, SQL or a glob may trip over."""
    return Path(shutil.copytree(refreshed, tmp_path / 'it\'s a "work" [space]*? v1.0' / "work.space"))


def ask(connection: Asked, query: str) -> list[Any]:
    return connection.sql(query).fetchall()


def read_dicts(connection: Asked, query: str) -> list[dict[str, Any]]:
    relation = connection.sql(query)
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def read_file(workspace: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute((workspace / "persona_views.sql").read_text(encoding="utf-8"))
    return connection


def as_in_view(row: dict[str, Any], key: str) -> dict[str, Any]:
    model, kind, persona = key.split("__")
    named = {"dataset": key, "model": model, "kind": kind, "persona": persona, "role": None, "trait": None}
    return named | row


def test_every_row_of_every_key_is_there_once_and_as_the_raw_files_have_it(refreshed: Path) -> None:
    found = read_dicts(persona_assets.open(refreshed), "select * from rows order by dataset")
    expected = [as_in_view(row, key) for key in KEYS for row in plain_rows(refreshed / "persona-data", key)]
    assert Counter(map(in_short, found)) == Counter(map(in_short, expected))
    assert {"stoic"} < {row["persona"] for row in found if row["kind"] == "role"}


def in_short(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def test_a_variant_has_the_rows_that_its_rule_chooses_each_once(refreshed: Path) -> None:
    connection = persona_assets.open(refreshed)
    for key in KEYS:
        for name, rows in plain_datasets(refreshed / "persona-data", key).items():
            if name != key:
                columns = "* exclude (variant_dataset, variant, rule)"
                found = read_dicts(connection, f"select {columns} from variants where variant_dataset = '{name}'")
                assert Counter(map(in_short, found)) == Counter(in_short(as_in_view(row, key)) for row in rows), name
    least = ask(connection, "select min(extract_score) from variants where variant = 'min3'")
    assert least == [(3,)]
    rules = dict(ask(connection, "select distinct variant, rule from variants"))
    assert rules["min70__pos"] == "extract_score >= 70 AND label = 'pos'"


def test_a_variant_is_made_from_the_rule_and_not_read_from_its_file(moved: Path) -> None:
    before = ask(persona_assets.open(moved), "select count(*) from variants")
    for path in moved.glob(f"{DATA}/*__min*.parquet"):
        path.write_bytes(b"")
    assert ask(persona_assets.open(moved), "select count(*) from variants") == before


def test_tokens_statistics_quarantine_checks_and_states_are_those_of_the_files(refreshed: Path) -> None:
    connection = persona_assets.open(refreshed)
    for key in KEYS:
        table = pq.read_table(refreshed / "persona_token_stats" / f"{key}.parquet")
        assert ask(connection, f"select count(*), sum(tokens) from tokens where dataset = '{key}'") == [
            (table.num_rows, sum(table["tokens"].to_pylist()))
        ]
        checks = json.loads((refreshed / "persona_standings" / f"{key}.json").read_text())["checks"]
        found = read_dicts(connection, f"select * from checks where dataset = '{key}'")
        assert {one["check"]: (one["asset"], one["passed"], json.loads(one["facts"])) for one in found} == {
            name: (one["stage"], one["passed"], one["facts"]) for name, one in checks.items()
        }
    rows = pq.read_table(refreshed / "persona_token_stats.parquet").num_rows
    assert ask(connection, "select count(*) from statistics") == [(rows,)]
    [line] = read_dicts(connection, "select * from quarantined")
    recorded = json.loads((refreshed / "persona_quarantine" / f"{BROKEN_LINE_KEY}.jsonl").read_text())
    assert line["dataset"] == BROKEN_LINE_KEY
    assert {name: line[name] for name in recorded} == recorded
    states = json.loads((refreshed / "persona_catalogue.json").read_text())["keys"]
    assert dict(ask(connection, "select dataset, state from keys")) == {
        key: entry["state"] for key, entry in states.items()
    }


def test_each_view_says_whose_each_row_is(refreshed: Path) -> None:
    connection = persona_assets.open(refreshed)
    for view in set(VIEWS) - {"statistics"}:
        names = f"select distinct dataset, model, kind, persona from {view}"
        assert all(dataset == "__".join(parts) for dataset, *parts in ask(connection, names))
        for dataset, *_ in ask(connection, names):
            DatasetKey.parse(dataset)


def test_the_file_gives_the_views_from_any_folder(
    refreshed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for view in VIEWS:
        count = f"select count(*) from {view}"
        assert ask(read_file(refreshed), count) == ask(persona_assets.open(refreshed), count) != [(0,)]


def read_moved_file(moved: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set variable persona_workspace = ?", [str(moved)])
    connection.execute((moved / "persona_views.sql").read_text(encoding="utf-8"))
    return connection


def test_a_moved_workspace_is_found_where_the_variable_says(moved: Path) -> None:
    (moved / DATA / f"{KEYS[0]}.parquet").unlink()
    where = f"select count(*) > 0 from rows where dataset = '{KEYS[0]}'"
    assert ask(read_moved_file(moved), where) == [(False,)]
    assert ask(read_file(moved), where) == [(True,)], "the workspace it was written for"


def test_the_variable_does_not_reach_the_next_workspace(moved: Path, refreshed: Path) -> None:
    (moved / DATA / f"{KEYS[0]}.parquet").unlink()
    connection = read_moved_file(moved)
    connection.execute((refreshed / "persona_views.sql").read_text(encoding="utf-8"))
    assert ask(connection, "select count(distinct dataset) from rows") == [(len(KEYS),)]


@pytest.mark.parametrize("view", VIEWS)
def test_a_path_with_every_special_character_gives_the_same(view: str, moved: Path, refreshed: Path) -> None:
    found = [sorted(map(str, ask(persona_assets.open(path), f"from {view}"))) for path in (moved, refreshed)]
    assert found[0] == found[1] != []


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_workspace_has_every_view_with_its_columns_and_no_row(
    view: str, tmp_path: Path, refreshed: Path
) -> None:
    tmp_path.joinpath("persona_manifests").mkdir()
    empty = persona_assets.open(tmp_path).sql(f"from {view}")
    full = persona_assets.open(refreshed).sql(f"from {view}")
    assert empty.fetchall() == []
    assert sorted(zip(empty.columns, map(str, empty.types), strict=True)) == sorted(
        zip(full.columns, map(str, full.types), strict=True)
    )


def test_a_workspace_without_a_quarantined_line_has_none(moved: Path) -> None:
    shutil.rmtree(moved / "persona_quarantine")
    assert ask(persona_assets.open(moved), "from quarantined") == []


def test_a_column_of_some_files_is_null_in_the_others(moved: Path) -> None:
    path = moved / DATA / f"{KEYS[0]}.parquet"
    table = pq.read_table(path)
    more = table.append_column("sample_index", pa.array(range(table.num_rows), pa.int64()))
    pq.write_table(more.append_column("exact_score", pa.array([0.5] * table.num_rows)), path)
    connection = persona_assets.open(moved)
    filled = ask(connection, "select dataset, count(sample_index), sum(exact_score) from rows group by all")
    assert {row for row in filled if row[1]} == {(KEYS[0], table.num_rows, table.num_rows / 2)}
    assert len(filled) == len(KEYS)
    assert ask(connection, "select count(*) from variants where exact_score > 1") == [(0,)]


def test_what_is_being_written_and_what_is_of_no_key_is_left_out(moved: Path) -> None:
    before = ask(persona_assets.open(moved), "select count(*) from rows")
    source = moved / DATA / f"{KEYS[0]}.parquet"
    shutil.copy(source, source.with_name(f".{source.name}.17-0123abcd.partial"))
    shutil.copy(source, source.with_name("mine.parquet"))
    assert ask(persona_assets.open(moved), "select count(*) from rows") == before


def test_a_variant_that_came_after_the_file_is_an_error_and_known_to_python(moved: Path) -> None:
    key = f"{QWEN}__role__stoic"
    shutil.copy(moved / DATA / f"{key}.parquet", moved / DATA / f"{key}__min1.parquet")
    connection, count = read_moved_file(moved), "select count(*) from variants where variant = 'min1'"
    with pytest.raises(duckdb.Error, match=r"min1 was made after persona_views\.sql"):
        ask(connection, count)
    rows = plain_rows(moved / "persona-data", key)
    scored = sum(row["extract_score"] is not None and row["extract_score"] >= 1 for row in rows)
    assert ask(persona_assets.open(moved), count) == [(scored,)]


def test_thousands_of_datasets_are_one_table(moved: Path) -> None:
    source = moved / DATA / f"{KEYS[0]}.parquet"
    rows = pq.read_metadata(source).num_rows
    for number in range(MANY):
        os.link(source, moved / DATA / f"{GEMMA}__role__many-{number}.parquet")
        os.link(source, moved / DATA / f"{GEMMA}__role__many-{number}__min3.parquet")
    connection = persona_assets.open(moved)
    many = "select count(*), count(distinct dataset) from rows where persona like 'many-%'"
    assert ask(connection, many) == [(rows * MANY, MANY)]


def test_the_views_are_renewed_with_the_catalogue(materialised_workspace: Path) -> None:
    key = f"{QWEN}__role__stoic"
    with open_instance(materialised_workspace) as instance:
        run = run_range(instance, materialised_workspace, (key, key), variants={"role": ["min2"]})
        assert run.success
        assert run_job(instance, materialised_workspace, "refresh_catalogue").success
    assert "WHEN 'min2' THEN extract_score >= 2" in (materialised_workspace / "persona_views.sql").read_text()
    assert list((materialised_workspace / "persona_journals").iterdir()) == []
