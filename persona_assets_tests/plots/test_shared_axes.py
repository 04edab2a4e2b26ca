"""Shared axes reach exactly as far as the largest value among the datasets."""

from collections import Counter

import pytest

from persona_assets.kinds import KINDS, Kind
from persona_assets.plots.scales import SharedAxes, choose_bin_width, fit_shared_axes
from persona_assets_tests.plots.made_up import summary_of
from persona_assets_tests.statistics.counted_rows import made_up_rows


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("longest", [10, 900, 5000, 100_000])
def test_each_limit_is_the_largest_value_of_any_dataset(kind: Kind, longest: int) -> None:
    datasets = [made_up_rows(kind, size, seed=size) for size in (1, 30, 400)]
    datasets[1][0] |= {"tokens": longest}
    limit = max(row["tokens"] for rows in datasets for row in rows)
    width = choose_bin_width(limit)
    bins, conversations, tokens = [], [], []
    for rows in datasets:
        bins.append(max(Counter(row["tokens"] // width for row in rows).values()))
        by_score = Counter(row["extract_score"] for row in rows)
        conversations.append(max(by_score.values()))
        tokens.append(max(sum(r["tokens"] for r in rows if r["extract_score"] == score) for score in by_score))
    expected = SharedAxes(limit, max(bins), max(conversations), max(tokens))
    assert fit_shared_axes(summary_of(rows, kind) for rows in datasets) == expected


def test_no_dataset_at_all_and_empty_datasets_have_axes_too() -> None:
    kind = next(iter(KINDS.values()))
    assert fit_shared_axes([]) == fit_shared_axes([summary_of([], kind)]) == SharedAxes(0, 0, 0, 0)


@pytest.mark.parametrize("limit", [0, 1, 19, 1274, 1280, 99_999, 5_000_000])
def test_bins_are_few_and_begin_where_the_summaries_steps_begin(limit: int) -> None:
    width = choose_bin_width(limit)
    assert width % 20 == 0
    assert limit // width + 1 <= 64
