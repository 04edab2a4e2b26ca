"""Comparisons and overviews show every dataset, in its row, and stay readable from two to hundreds."""

import statistics

import pytest
from matplotlib.figure import Figure

from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.figures_of_many import draw_comparison, draw_overview
from persona_assets_tests.plots.drawn import areas, crowded, texts
from persona_assets_tests.plots.made_up import record, summary_of
from persona_assets_tests.statistics.counted_rows import made_up_rows, statistics_of

MODELS = ("gemma-2-27b", "llama-3.3-70b", "qwen-3-32b")
MODEL = MODELS[-1]

kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


@kinds
@pytest.mark.parametrize("count", [1, 2, 73, 275])
def test_an_overview_names_every_persona_once_and_no_text_covers_another(kind: Kind, count: int) -> None:
    names = [f"persona_{place}" for place in range(count)]
    figure = draw_overview(MODEL, kind, [record(MODEL, kind, name, rows=20) for name in names])
    written = [text for text, _ in texts(figure) if text.startswith("persona_")]
    assert sorted(written) == sorted(names)
    if count < 100:  # comparing every pair of a thousand texts takes long, and the layout is the same
        assert crowded(figure) == []


def test_the_persona_with_the_longest_median_stands_first_and_one_without_conversations_last() -> None:
    records = [record(MODEL, ROLE, f"persona_{place}", rows=21) for place in range(100)]
    records.insert(7, record(MODEL, ROLE, "persona_empty", rows=0))
    figure = draw_overview(MODEL, ROLE, records)
    medians = {one.name: one.all.p50 or 0 for one in records}
    drawn = [medians[name] for name in reading_order(figure)]
    assert drawn == sorted(medians.values(), reverse=True)
    assert reading_order(figure)[-1] == "persona_empty"


@kinds
def test_a_comparison_has_a_row_per_model_in_the_order_given(kind: Kind) -> None:
    models = MODELS[::-1]
    figure = draw_comparison("calm", kind, [record(model, kind, "calm") for model in models])
    rows = sorted(((text, box) for text, box in texts(figure) if text in models), key=lambda pair: -pair[1].y0)
    assert [text for text, _ in rows] == list(models)
    assert crowded(figure) == []


@kinds
def test_bars_of_a_row_are_as_wide_as_the_shares_of_their_bands(kind: Kind) -> None:
    rows = made_up_rows(kind, 200)
    one = statistics_of(MODEL, kind, "calm", summary_of(rows, kind))
    parts = areas(draw_comparison("calm", kind, [one]).axes[1])
    widths = {color: float(corners[:, 0].max() - corners[:, 0].min()) for color, corners in parts}
    for band in BANDS[kind.name]:
        held = sum(band.holds(row["extract_score"]) for row in rows) / len(rows)
        assert widths.get(band.color, 0) == pytest.approx(held)


@kinds
def test_medians_and_mean_scores_are_written_beside_the_rows(kind: Kind) -> None:
    rows = made_up_rows(kind, 200)
    one = statistics_of(MODEL, kind, "calm", summary_of(rows, kind))
    written = {text for text, _ in texts(draw_comparison("calm", kind, [one]))}
    mean = statistics.fmean(row["extract_score"] for row in rows if row["extract_score"] is not None)
    assert f"{statistics.median(row['tokens'] for row in rows):,.0f}" in written
    assert (f"{mean:.2f}" if kind is ROLE else f"{mean:.1f}") in written


def test_names_of_any_length_stay_in_their_column() -> None:
    names = ["m" * 64, "W" * 64, "short"]
    assert crowded(draw_overview("M" * 64, TRAIT, [record(MODEL, TRAIT, name) for name in names])) == []
    assert crowded(draw_comparison("W" * 64, TRAIT, [record(name, TRAIT, "x") for name in names])) == []


@kinds
def test_nothing_to_draw_is_said(kind: Kind) -> None:
    with pytest.raises(ValueError, match=f"no statistics of any {kind.name} of {MODEL}"):
        draw_overview(MODEL, kind, [])
    with pytest.raises(ValueError, match=f"no statistics of {kind.name} calm"):
        draw_comparison("calm", kind, [])


def reading_order(figure: Figure) -> list[str]:
    """Names of personas, block by block, from top to bottom."""
    return [
        text.get_text()
        for axes in figure.axes
        for text in sorted(axes.texts, key=lambda text: text.get_position()[1])
        if text.get_text().startswith("persona_")
    ]
