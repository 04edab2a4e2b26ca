"""A summary says of every group what one finds by going through its rows in plain Python."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from msgspec.structs import asdict

from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind
from persona_assets.statistics.counts_table import COUNTS_SCHEMA
from persona_assets.statistics.key_statistics import Summary
from persona_assets.statistics.summaries import summarise
from persona_assets_tests.statistics.counted_rows import Row, counts_of, made_up_rows, refused_row

LONG = 250
GROUPS: dict[str, Callable[[Row], str]] = {
    "by_score": lambda row: "null" if row["extract_score"] is None else str(row["extract_score"]),
    "by_label": lambda row: row["label"],
    "by_prompt": lambda row: f"{row['label']}_p{row['prompt_index']}",
}

kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
sizes = pytest.mark.parametrize("size", [1, 2, 3, 50, 700])


@kinds
@sizes
def test_all_rows_are_described_as_counting_by_hand_finds(kind: Kind, size: int) -> None:
    rows = made_up_rows(kind, size)
    assert asdict(summary_of(rows, kind).all) == described(rows)


@kinds
@sizes
@pytest.mark.parametrize("grouping", GROUPS)
def test_every_group_is_described_as_counting_by_hand_finds(kind: Kind, size: int, grouping: str) -> None:
    rows = made_up_rows(kind, size)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(GROUPS[grouping](row), []).append(row)
    assert described_groups(summary_of(rows, kind), grouping) == {
        name: described(group) for name, group in groups.items()
    }


def test_groups_stand_in_the_order_of_their_numbers_and_the_unscored_last() -> None:
    summary = summary_of(made_up_rows(TRAIT, 700), TRAIT)
    scores = list(summary.by_score)
    assert scores[-1] == "null"
    assert [int(score) for score in scores[:-1]] == sorted(int(score) for score in scores[:-1])
    prompts = [f"{label}_p{index}" for label in ("neg", "pos") for index in (0, 1, 2, 11)]
    assert list(summary.by_prompt) == prompts


@kinds
@sizes
def test_thresholds_keep_the_rows_at_or_above_each_score_and_never_the_unscored(kind: Kind, size: int) -> None:
    rows = made_up_rows(kind, size)
    expected = []
    for minimum in range(kind.max_score + 1):
        kept = [row for row in rows if row["extract_score"] is not None and row["extract_score"] >= minimum]
        total = sum(row["tokens"] for row in kept)
        expected.append({"min_score": minimum, "conversations": len(kept), "tokens": total})
    assert [asdict(kept) for kept in summary_of(rows, kind).thresholds] == expected


@pytest.mark.parametrize("score", [-1, 4, 100])
def test_a_score_off_the_scale_passes_no_threshold(score: int) -> None:
    rows = [row | {"extract_score": score} for row in made_up_rows(ROLE, 5)]
    assert {kept.conversations for kept in summary_of(rows, ROLE).thresholds} == {0}


def test_lengths_are_counted_in_steps_of_twenty_tokens() -> None:
    rows = made_up_rows(ROLE, 300)
    expected: dict[str, int] = {}
    for shortest in sorted(row["tokens"] // 20 * 20 for row in rows):
        expected[str(shortest)] = expected.get(str(shortest), 0) + 1
    assert list(summary_of(rows, ROLE).by_length.items()) == list(expected.items())


@pytest.mark.parametrize(("answer", "long"), [(LONG - 1, 0), (LONG, 1), (LONG + 1, 1)])
def test_an_answer_is_long_from_the_given_number_of_tokens_on(answer: int, long: int) -> None:
    rows = [row | {"assistant_tokens": answer} for row in made_up_rows(ROLE, 1)]
    everything = summary_of(rows, ROLE).all
    assert (everything.long_answers, everything.long_answers_share) == (long, float(long))


@pytest.mark.parametrize(
    "counts", [COUNTS_SCHEMA.empty_table(), pa.table([[]] * len(COUNTS_SCHEMA), schema=COUNTS_SCHEMA)]
)
def test_no_rows_have_totals_of_zero_and_no_distribution(counts: pa.Table) -> None:
    summary = summarise(counts, long_answer_tokens=LONG, max_score=3)
    assert asdict(summary.all) == described([])
    assert summary.by_score == summary.by_label == summary.by_prompt == {}
    assert summary.by_length == {}
    assert [kept.tokens for kept in summary.thresholds] == [0, 0, 0, 0]


def test_a_dataset_without_any_score_is_one_group_and_keeps_nothing() -> None:
    rows = [row | {"extract_score": None} for row in made_up_rows(ROLE, 40)]
    summary = summary_of(rows, ROLE)
    assert described_groups(summary, "by_score") == {"null": described(rows)}
    assert {kept.conversations for kept in summary.thresholds} == {0}


@kinds
def test_rows_that_the_template_refuses_are_counted_apart_and_change_no_number(kind: Kind) -> None:
    rows, refused = made_up_rows(kind, 60), [refused_row(row) for row in made_up_rows(kind, 9, seed=1)]
    mixed = summary_of([*refused[:4], *rows, *refused[4:]], kind)
    assert asdict(mixed) == asdict(summary_of(rows, kind)) | {"refused_by_template": 9}


def test_a_dataset_of_refused_rows_alone_has_totals_of_zero() -> None:
    summary = summary_of([refused_row(row) for row in made_up_rows(ROLE, 5)], ROLE)
    assert asdict(summary.all) == described([])
    assert summary.refused_by_template == 5


def test_the_order_and_chunks_of_the_rows_make_no_difference() -> None:
    rows = made_up_rows(TRAIT, 200)
    chunks = pa.concat_tables([counts_of(rows[:70]), counts_of(rows[70:])])
    summary = summary_of(rows, TRAIT)
    assert summarise(chunks, long_answer_tokens=LONG, max_score=100) == summary
    assert summary_of(rows[::-1], TRAIT) == summary


def test_totals_beyond_32_bits_are_exact() -> None:
    rows = [row | {"tokens": 2**33 + 1, "extract_score": 3} for row in made_up_rows(ROLE, 3)]
    summary = summary_of(rows, ROLE)
    assert summary.all.tokens == summary.thresholds[3].tokens == 3 * (2**33 + 1)


def summary_of(rows: list[Row], kind: Kind) -> Summary:
    return summarise(counts_of(rows), long_answer_tokens=LONG, max_score=kind.max_score)


def described_groups(summary: Summary, grouping: str) -> dict[str, dict[str, Any]]:
    return {name: asdict(group) for name, group in getattr(summary, grouping).items()}


def described(rows: list[Row]) -> dict[str, Any]:
    """A group's description, found without numpy."""
    tokens = sorted(row["tokens"] for row in rows)
    long = sum(row["assistant_tokens"] >= LONG for row in rows)
    return {
        "conversations": len(rows),
        "tokens": sum(tokens),
        "prompt_tokens": sum(row["prompt_tokens"] for row in rows),
        "assistant_tokens": sum(row["assistant_tokens"] for row in rows),
        "mean": about(Fraction(sum(tokens), len(rows))) if rows else None,
        **{f"p{point}": about(percentile(tokens, point)) if rows else None for point in (5, 25, 50, 75, 95, 99)},
        "max": max(tokens, default=None),
        "long_answers": long,
        "long_answers_share": pytest.approx(long / len(rows), abs=5.1e-5) if rows else None,
    }


def percentile(ordered: list[int], point: int) -> Fraction:
    """Between the two conversations around the place, in proportion to its distance from them."""
    place = Fraction(point * (len(ordered) - 1), 100)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def about(value: Fraction) -> Any:
    """Three decimals are kept; a tie may be rounded either way."""
    return pytest.approx(float(value), abs=5.1e-4)
