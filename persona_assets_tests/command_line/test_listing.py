"""``list``: keys for scripts, a table for people, JSON for programs; with the raw root and without."""

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.command_line import call
from persona_assets_tests.commands import persona_assets
from persona_assets_tests.plain_reading import plain_rows, plain_variant
from persona_assets_tests.raw_corpus import BASELINE, GEMMA, KEYS, LLAMA, responses_file

PIRATE = f"{GEMMA}__role__pirate"
BLUNT = f"{GEMMA}__trait__blunt"


def list_as_json(*arguments: str) -> dict[str, Any]:
    done = call("list", "--json", *arguments)
    listed: dict[str, Any] = json.loads(done.stdout)
    return listed


def by_key(listed: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: one for one in listed["keys"]}


def test_rows_scores_and_variants_are_those_of_the_raw_files(materialised_workspace: Path) -> None:
    listed = by_key(list_as_json())
    assert sorted(listed) == sorted(KEYS)
    for key, one in listed.items():
        rows = plain_rows(materialised_workspace / "persona-data", key)
        scores = [row["extract_score"] for row in rows]
        known = [score for score in scores if score is not None]
        assert one["rows"] == len(rows)
        assert one["scored"] == len(known)
        assert one["mean_score"] == (round(sum(known) / len(known), 2) if known else None)
        assert one["scores"] == Counter("null" if score is None else str(score) for score in scores)
        assert one["variants"] == {name: len(plain_variant(rows, name)) for name in one["variants"]}


def test_tokens_are_those_that_were_counted(materialised_workspace: Path) -> None:
    for key, one in by_key(list_as_json()).items():
        statistics = json.loads((materialised_workspace / "persona_token_stats" / f"{key}.json").read_text())
        assert one["tokens"] == statistics["all"]["tokens"]


def test_states_are_those_of_status(materialised_workspace: Path) -> None:
    status = json.loads(call("status", "--json").stdout)
    not_passed = {one["key"]: one["state"] for one in status["keys"]}
    assert not_passed
    for key, one in by_key(list_as_json()).items():
        assert one["state"] == not_passed.get(key, "passed")


def test_the_last_work_counts_where_it_is_newer_than_the_catalogue(materialised_workspace: Path) -> None:
    (materialised_workspace / "persona_catalogue.json").unlink()
    test_states_are_those_of_status(materialised_workspace)


def test_without_the_raw_root_everything_made_is_listed_and_that_is_said(materialised_workspace: Path) -> None:
    before = list_as_json()
    shutil.rmtree(materialised_workspace / "persona-data")
    without = list_as_json()
    assert without["keys"] == before["keys"]
    assert (before["raw_root_there"], without["raw_root_there"]) == (True, False)
    keys = call("list")
    assert keys.exit_code == 0
    assert keys.stdout.splitlines() == list(KEYS)
    assert f"raw root {materialised_workspace / 'persona-data'} is not there" in keys.stderr


def test_without_raw_root_and_outputs_there_is_an_error_that_names_the_setting(workspace: Path) -> None:
    done = call("list")
    assert done.exit_code == 1
    assert "set PERSONA_DATA_ROOT" in done.stderr


def test_before_anything_is_made_every_raw_file_is_missing(workspace_with_corpus: Path) -> None:
    listed = by_key(list_as_json())
    assert sorted(listed) == sorted(KEYS)
    assert {(one["state"], one["rows"], one["tokens"]) for one in listed.values()} == {("missing", None, None)}


def test_a_key_whose_raw_file_is_gone_is_in_the_table_as_orphaned_and_not_among_the_keys_of_raw_files(
    materialised_workspace: Path,
) -> None:
    responses_file(materialised_workspace / "persona-data", PIRATE).unlink()
    assert by_key(list_as_json())[PIRATE]["state"] == "orphaned"
    assert PIRATE not in call("list", "--keys").stdout.splitlines()
    table = call("list", "--table").stdout
    assert [line.split()[3] for line in table.splitlines() if line.split()[:3] == PIRATE.split("__")] == ["orphaned"]


def test_a_damaged_manifest_fails_its_key_and_no_other(materialised_workspace: Path) -> None:
    before = by_key(list_as_json())
    (materialised_workspace / "persona_manifests" / f"{PIRATE}.json").write_text("{", encoding="utf-8")
    after = by_key(list_as_json())
    assert after[PIRATE]["state"] == "failed"
    assert f"{PIRATE}.json is damaged" in after[PIRATE]["reason"]
    assert {key: one for key, one in after.items() if key != PIRATE} == {
        key: one for key, one in before.items() if key != PIRATE
    }


def test_the_table_has_a_line_for_each_key_and_a_sum(materialised_workspace: Path) -> None:
    heading, *lines, total = call("list", "--table").stdout.splitlines()
    assert heading.split() == ["model", "type", "name", "state", "rows", "scored", "mean", "tokens", "scores"]
    assert ["__".join(line.split()[:3]) for line in lines] == list(KEYS)
    rows = sum(len(plain_rows(materialised_workspace / "persona-data", key)) for key in KEYS)
    assert total.startswith(f"{len(KEYS)} keys (")
    assert f", {rows:,} rows, " in total


def test_a_pipe_gets_keys_alone_as_scripts_expect(materialised_workspace: Path) -> None:
    piped = persona_assets(materialised_workspace.parent, "list", "--type", "roles", "--model", LLAMA)
    assert piped.stdout.splitlines() == [f"{LLAMA}__role__{BASELINE}", f"{LLAMA}__role__pirate"]


@pytest.mark.parametrize("form", ["--keys", "--table", "--json"])
def test_listing_writes_nothing(form: str, materialised_workspace: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in sorted(materialised_workspace.rglob("*"))}
    call("list", form)
    assert {path: path.stat().st_mtime_ns for path in sorted(materialised_workspace.rglob("*"))} == before
