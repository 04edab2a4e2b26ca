"""Models side by side: what counts as failing under one, and what is said against the baseline."""

from typing import Any

import msgspec
import pytest

from persona_assets.report.comparison import average_scores, find_failing
from persona_assets.report.key_row import KeyRow, LabelTally
from persona_assets.report.summary import Entry


def make_entry(state: str = "passed", **counted: Any) -> Entry:
    row = KeyRow(
        key="m__role__p",
        model="m",
        kind="role",
        persona="p",
        data_version="v",
        warnings=[],
        first_line="",
        quarantined=0,
        rows=100,
    )
    return Entry(msgspec.structs.replace(row, **counted), state, "", "")


@pytest.mark.parametrize(
    ("kept", "failing"),
    [
        ((80, 80, 80), []),
        ((80, 80, 39), ["c"]),
        ((80, 80, 40), []),
        ((0, 80, 80), ["a"]),
        ((0, 0, 80), ["a", "b"]),
        ((0, 0, 0), []),
        ((80,), []),
    ],
)
def test_a_persona_fails_where_it_keeps_less_than_half_of_what_it_keeps_elsewhere(
    kept: tuple[int, ...], failing: list[str]
) -> None:
    assert find_failing({model: make_entry(kept=of) for model, of in zip("abc", kept, strict=False)}) == failing


@pytest.mark.parametrize("state", ["failed", "missing", "stale", "orphaned"])
def test_a_persona_whose_dataset_is_not_usable_fails(state: str) -> None:
    assert find_failing({"a": make_entry(kept=80), "b": make_entry(state, kept=80)}) == ["b"]


def test_the_score_of_a_baseline_is_that_of_all_its_rows() -> None:
    tallies = {"default": LabelTally({0: (3, 9), 3: (1, 9)}, (5, 9))}
    assert average_scores(make_entry(labels=tallies).row) == 0.75
    assert average_scores(make_entry(labels={"default": LabelTally({}, (5, 9))}).row) is None
