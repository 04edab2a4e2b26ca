"""What the catalogue shows of keys that need attention: the worst first, nothing left out without a word."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.collection.survey import KeyState, State, Survey
from persona_assets.dagster_defs import catalogue_asset
from persona_assets.dagster_defs.collection_assets import MAX_LISTED
from persona_assets.dagster_defs.readable import shorten_at_word
from persona_assets.keys import DatasetKey
from persona_assets.raw.discovery import RawInventory
from persona_assets.workspace import Workspace

WORKSPACE = Workspace(Path("/workspace"), Path("/raw"))
INVENTORY = RawInventory(Path("/raw"), (), ())


def key(number: int) -> DatasetKey:
    return DatasetKey("gemma-2-27b", "role", f"persona-{number:04}")


def shown(*states: KeyState) -> dict[str, Any]:
    return catalogue_asset._metadata(Survey(states), [], INVENTORY, WORKSPACE)


def rows_of(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    table = metadata["concerns"]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_failed_keys_come_before_a_hundred_warnings_whatever_their_names() -> None:
    warned = [KeyState(key(number), State.WARNED, "checks score_coverage") for number in range(300)]
    others = [KeyState(key(900), State.STALE, "x"), KeyState(key(901), State.FAILED, "x")]
    metadata = shown(*warned, *others)
    rows = rows_of(metadata)
    assert [row["state"] for row in rows] == ["failed", "stale"] + ["warned"] * (MAX_LISTED - 2)
    assert metadata["more_concerns"] == f"{302 - MAX_LISTED} more in /workspace/persona_catalogue.json"


def test_nothing_is_said_of_more_where_all_are_shown() -> None:
    metadata = shown(*(KeyState(key(number), State.WARNED, "x") for number in range(MAX_LISTED)))
    assert len(rows_of(metadata)) == MAX_LISTED
    assert "more_concerns" not in metadata


def test_every_state_but_passed_is_a_concern() -> None:
    metadata = shown(*(KeyState(key(number), state) for number, state in enumerate(State)))
    assert {row["state"] for row in rows_of(metadata)} == set(State) - {State.PASSED}


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("short", 10, "short"),
        ("one two three", 9, "one two ..."),
        ("one two three", 13, "one two three"),
        ("two\n\n lines", 20, "two lines"),
        ("x" * 30, 10, f"{'x' * 10} ..."),
    ],
)
def test_a_reason_is_cut_between_words(text: str, longest: int, expected: str) -> None:
    assert shorten_at_word(text, longest) == expected
