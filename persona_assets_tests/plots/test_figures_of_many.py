"""Comparisons, overviews and differences show every dataset, in its row, and stay readable from two to hundreds."""

import statistics

import pytest
from matplotlib.figure import Figure

from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.compared import Compared, measure_against_baselines
from persona_assets.plots.figures_of_many import draw_comparison, draw_differences, draw_overview
from persona_assets.plots.panels import BASELINE_COLOR
from persona_assets_tests.plots.drawn import crowded, panels, texts
from persona_assets_tests.plots.made_up import compared, record, record_of
from persona_assets_tests.statistics.counted_rows import Row, made_up_rows

MODELS = ("gemma-2-27b", "llama-3.3-70b", "qwen-3-32b")
MODEL = MODELS[-1]

kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


def made(model: str, kind: Kind, name: str, rows: int = 60) -> Compared:
    return compared(record(model, kind, name, rows))


def baseline(model: str, name: str = "0_default", answer: int = 100, rows: int = 40) -> Compared:
    base = made_up_rows(ROLE, 1)[0]
    row = base | {"label": "default", "assistant_tokens": answer, "tokens": answer + 50, "extract_score": None}
    return compared(record_of(model, ROLE, name, [row] * rows))


def measured(*datasets: Compared) -> list[Compared]:
    """Each with its baseline, in the order given."""
    keys = [DatasetKey(one.model, one.kind.name, one.persona) for one in datasets]
    return list(measure_against_baselines(dict(zip(keys, datasets, strict=True))).values())


@kinds
@pytest.mark.parametrize("count", [1, 2, 73, 275])
def test_an_overview_names_every_persona_once_in_words_and_no_text_covers_another(kind: Kind, count: int) -> None:
    names = [f"persona_{place}" for place in range(count)]
    figure = draw_overview(MODEL, kind, [made(MODEL, kind, name, rows=20) for name in names])
    written = [text for text, _ in texts(figure) if text.startswith("persona ")]
    assert sorted(written) == sorted(name.replace("_", " ") for name in names)
    if count < 100:  # comparing every pair of a thousand texts takes long, and the layout is the same
        assert crowded(figure) == []


def test_the_persona_with_the_longest_median_stands_first_and_one_without_conversations_last() -> None:
    records = [record(MODEL, ROLE, f"persona_{place}", rows=21) for place in range(100)]
    records.insert(7, record(MODEL, ROLE, "persona_empty", rows=0))
    figure = draw_overview(MODEL, ROLE, [compared(one) for one in records])
    medians = {one.name.replace("_", " "): one.all.p50 or 0 for one in records}
    drawn = [medians[name] for name in reading_order(figure)]
    assert drawn == sorted(medians.values(), reverse=True)
    assert reading_order(figure)[-1] == "persona empty"


@kinds
def test_a_comparison_has_a_row_per_model_in_the_order_given(kind: Kind) -> None:
    models = MODELS[::-1]
    figure = draw_comparison("calm", kind, [made(model, kind, "calm") for model in models])
    rows = sorted(((text, box) for text, box in texts(figure) if text in models), key=lambda pair: -pair[1].y0)
    assert [text for text, _ in rows] == list(models)
    assert crowded(figure) == []


def parts_of(rows: list[Row], kind: Kind) -> list[list[Row]]:
    """The rows of each bar: all of a role, and those of each label of a trait."""
    if kind is ROLE:
        return [rows]
    return [[row for row in rows if row["label"] == label] for label in kind.labels]


@kinds
def test_each_bar_is_divided_into_the_shares_of_the_bands(kind: Kind) -> None:
    rows = made_up_rows(kind, 200)
    figure = draw_comparison("calm", kind, [compared(record_of(MODEL, kind, "calm", rows))])
    widths = [(color, float(corners[:, 0].max() - corners[:, 0].min())) for color, corners in panels(figure)[1].areas]
    expected = [
        (band.color, sum(band.holds(row["extract_score"]) for row in part) / len(part))
        for part in parts_of(rows, kind)
        for band in BANDS[kind.name]
        if any(band.holds(row["extract_score"]) for row in part)
    ]
    assert [color for color, _ in widths] == [color for color, _ in expected]
    assert [width for _, width in widths] == pytest.approx([share for _, share in expected])


@kinds
def test_medians_and_mean_scores_of_each_part_are_written_beside_the_rows(kind: Kind) -> None:
    rows = made_up_rows(kind, 200)
    figure = draw_comparison("calm", kind, [compared(record_of(MODEL, kind, "calm", rows))])
    written = {text for text, _ in texts(figure)}
    for part in parts_of(rows, kind):
        mean = statistics.fmean(row["extract_score"] for row in part if row["extract_score"] is not None)
        assert f"{statistics.median(row['tokens'] for row in part):,.0f}" in written
        assert (f"{mean:.2f}" if kind is ROLE else f"{mean:.1f}") in written


@kinds
def test_the_baseline_of_its_model_is_a_line_in_every_row(kind: Kind) -> None:
    models = [(model, 100 * place) for place, model in enumerate(MODELS, start=1)]
    baselines = [baseline(model, answer=answer) for model, answer in models]
    rows = [row for row in made_up_rows(kind, 90) if row["label"] != "default"]
    personas = [compared(record_of(model, kind, "calm", rows)) for model in MODELS]
    figure = draw_comparison("calm", kind, measured(*baselines, *personas)[3:])
    drawn = strokes(figure)
    assert [place for place, _ in drawn] == [answer + 50 for _, answer in models]
    assert [row for _, row in drawn] == pytest.approx([0, 1, 2])
    assert "median of the baseline" in {text for text, _ in texts(figure)}
    assert crowded(figure) == []


def strokes(figure: Figure) -> list[tuple[float, float]]:
    """Where lines in the colour of a baseline are: their place, and the row of their middle."""
    lines = panels(figure)[0].lines(BASELINE_COLOR)
    return [(float(line[0, 0]), float(line[:, 1].mean())) for line in lines]


def test_without_a_baseline_there_is_no_line_and_no_word_of_one() -> None:
    figure = draw_comparison("calm", TRAIT, [made(MODEL, TRAIT, "calm")])
    assert strokes(figure) == []
    assert not any("baseline" in text for text, _ in texts(figure))


def test_differences_are_those_of_mean_answers_in_percent_the_longest_first() -> None:
    base = made_up_rows(ROLE, 1)[0] | {"label": "pos"}
    longer = {"twice": 200, "half": 50, "alike": 100}
    rows = {name: [base | {"assistant_tokens": tokens}] * 10 for name, tokens in longer.items()}
    datasets = [compared(record_of(MODEL, ROLE, name, of)) for name, of in rows.items()]
    figure = draw_differences(MODEL, ROLE, measured(baseline(MODEL), *datasets))
    names = sorted(((text, box) for text, box in texts(figure) if text in longer), key=lambda pair: -pair[1].y0)
    assert [text for text, _ in names] == ["twice", "alike", "half"]
    bars = [(corners[:, 0].min(), corners[:, 0].max()) for _, corners in panels(figure)[0].areas]
    assert bars == [(0, pytest.approx(100)), (0, pytest.approx(0)), (pytest.approx(-50), 0)]
    assert {"+100%", "+0%", "−50%"} <= {text for text, _ in texts(figure)}  # noqa: RUF001 - the minus sign


def test_the_largest_baseline_of_a_model_is_taken_and_answers_of_the_dataset_itself_come_before_it() -> None:
    rows = made_up_rows(ROLE, 50)
    own = compared(record_of(MODEL, ROLE, "mixed", rows))
    small, large = baseline(MODEL, "1_default", 70, rows=5), baseline(MODEL, "0_default", 90, rows=50)
    few, many, mixed, plain = measured(small, large, own, made(MODEL, TRAIT, "calm"))
    assert (few.baseline, many.baseline) == (None, None)
    assert (plain.baseline_name, plain.baseline and plain.baseline.mean_answer) == ("0_default", 90)
    answers = [row["assistant_tokens"] for row in rows if row["label"] == "default"]
    assert mixed.baseline is not None
    assert mixed.baseline.mean_answer == pytest.approx(statistics.fmean(answers))


@kinds
@pytest.mark.parametrize("count", [1, 2, 73])
def test_no_text_of_differences_covers_another(kind: Kind, count: int) -> None:
    datasets = [made(MODEL, kind, f"persona_{place}") for place in range(count)]
    assert crowded(draw_differences(MODEL, kind, measured(baseline(MODEL), *datasets))) == []


def test_names_of_any_length_stay_in_their_column() -> None:
    names = ["m" * 64, "W" * 64, "short"]
    long = measured(baseline("M" * 64, "d" * 64), *(made("M" * 64, TRAIT, name) for name in names))
    assert crowded(draw_overview("M" * 64, TRAIT, long[1:])) == []
    assert crowded(draw_differences("M" * 64, TRAIT, long[1:])) == []
    assert crowded(draw_comparison("W" * 64, TRAIT, [made(name, TRAIT, "x") for name in names])) == []


def reading_order(figure: Figure) -> list[str]:
    """Names of personas, block by block, from top to bottom."""
    placed = [(box, text) for text, box in texts(figure) if text.startswith("persona ")]
    edges = sorted({round(box.x1) for box, _ in placed})
    column = {edge: next(first for first in edges if edge - first < 20) for edge in edges}
    return [text for box, text in sorted(placed, key=lambda pair: (column[round(pair[0].x1)], -pair[0].y0))]
