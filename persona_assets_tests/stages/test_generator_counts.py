"""The generator's own count is compared with the answer's tokens, allowing for what a template does not keep."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stages.token_stats.generator_counts import check_generator_counts

ANSWER = 40
"""Tokens of every answer here."""


def outcome_of(differences: Sequence[int | None], content: str = "Yes.", spans: bool = True) -> CheckOutcome:
    """The check of rows of which the generator counted so many tokens more than the answer has."""
    rows: list[dict[str, Any]] = [
        {
            "label": "pos",
            "prompt_index": 0,
            "question_index": place,
            "generated_tokens": None if more is None else ANSWER + more,
            "answer_start": 10 if spans else None,
            "answer_end": 10 + ANSWER if spans else None,
            "messages": [{"role": "user", "content": "Is it?"}, {"role": "assistant", "content": content}],
        }
        for place, more in enumerate(differences)
    ]
    integers = dict.fromkeys(("prompt_index", "question_index", "answer_start", "answer_end"), pa.int64())
    counts = pa.Table.from_pylist(rows, schema=pa.schema({"label": pa.string(), **integers}))
    messages = pa.list_(pa.struct({"role": pa.string(), "content": pa.string()}))
    dataset = pa.schema({"generated_tokens": pa.int64(), "messages": messages})
    return check_generator_counts(pa.Table.from_pylist(rows, schema=dataset), counts)


def test_a_dataset_without_the_column_passes_and_says_so() -> None:
    dataset, counts = pa.table({"label": ["pos"]}), pa.table({"answer_start": [1], "answer_end": [3]})
    outcome = check_generator_counts(dataset, counts)
    assert (outcome.passed, outcome.facts) == (True, {"generated_tokens": "not recorded"})


@pytest.mark.parametrize("more", [-2, 0, 1, 2, 4])
def test_a_few_tokens_more_or_less_are_in_agreement(more: int) -> None:
    outcome = outcome_of([more] * 50)
    assert outcome.passed
    assert outcome.facts == {"compared": 50, "outside": 0, "lowest": more, "median": float(more), "highest": more}


@pytest.mark.parametrize("more", [-3, 5, -40, 500])
def test_more_than_that_in_many_rows_is_not_and_the_first_are_named(more: int) -> None:
    outcome = outcome_of([1] * 90 + [more] * 11)
    assert not outcome.passed
    assert outcome.facts["outside"] == 11
    assert outcome.facts["first_outside"][0] == {
        "label": "pos",
        "prompt_index": 0,
        "question_index": 90,
        "difference": more,
    }
    assert len(outcome.facts["first_outside"]) == 10


def test_one_row_in_a_hundred_may_differ_and_is_still_named() -> None:
    outcome = outcome_of([1] * 99 + [60])
    assert outcome.passed
    assert (outcome.facts["outside"], len(outcome.facts["first_outside"])) == (1, 1)


def test_white_space_at_the_ends_of_an_answer_may_have_been_generated() -> None:
    assert not outcome_of([12] * 10).passed
    assert outcome_of([12] * 10, content="\n\n \n\nYes.   \n").passed


@pytest.mark.parametrize("known", [{"differences": [None] * 3}, {"differences": [900] * 3, "spans": False}])
def test_rows_without_either_number_are_not_compared(known: dict[str, Any]) -> None:
    assert outcome_of(**known).facts == {"compared": 0, "outside": 0}
    assert outcome_of(**known).passed
