"""Shared axes reach exactly as far as the largest value among the datasets."""

from collections import Counter

import pytest

from persona_assets.kinds import KINDS, ROLE, Kind
from persona_assets.plots.scales import choose_bin_width
from persona_assets.plots.shared_axes import SharedAxes, fit_shared_axes
from persona_assets_tests.plots.made_up import plotted
from persona_assets_tests.statistics.counted_rows import Row, made_up_rows


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("longest", [10, 900, 5000, 100_000])
def test_each_limit_is_the_largest_value_of_any_label_of_any_dataset(kind: Kind, longest: int) -> None:
    datasets = [made_up_rows(kind, size, seed=size) for size in (1, 30, 400)]
    datasets[1][0] |= {"assistant_tokens": longest}
    limit = max(max(row["assistant_tokens"], row["prompt_tokens"]) for rows in datasets for row in rows)
    width, step = choose_bin_width(limit), 1 if kind is ROLE else 5
    bins, scores, kept = [], [], []
    for rows in (part for whole in datasets for part in divide(whole)):
        scored = [row["extract_score"] for row in rows if row["extract_score"] is not None]
        bins.append(max(Counter(row["assistant_tokens"] // width for row in rows).values()))
        scores += [*Counter((2 * score + step) // (2 * step) for score in scored).values(), len(rows) - len(scored)]
        kept.append(len(scored))
    expected = SharedAxes(limit, max(bins), step, max(scores), max(kept))
    assert fit_shared_axes(kind, [plotted(rows, kind) for rows in datasets]) == expected


def divide(rows: list[Row]) -> list[list[Row]]:
    return [[row for row in rows if row["label"] == label] for label in {row["label"] for row in rows}]


def test_no_dataset_at_all_and_empty_datasets_have_axes_too() -> None:
    assert fit_shared_axes(ROLE, []) == fit_shared_axes(ROLE, [plotted([], ROLE)]) == SharedAxes(0, 0, 1, 0, 0)


@pytest.mark.parametrize("limit", [0, 1, 19, 1274, 1280, 99_999, 5_000_000])
def test_bins_are_few_and_begin_where_the_summaries_steps_begin(limit: int) -> None:
    width = choose_bin_width(limit)
    assert width % 20 == 0
    assert limit // width + 1 <= 40
