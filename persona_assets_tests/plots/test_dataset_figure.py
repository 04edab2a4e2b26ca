"""A dataset's picture shows exactly its numbers, and all of it can be read."""

import io
import statistics
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.dataset_figure import draw_counts
from persona_assets.plots.pictures import save_picture
from persona_assets.plots.scales import SharedAxes, choose_bin_width, fit_shared_axes
from persona_assets_tests.plots.drawn import areas, crowded, segments, size_of, texts
from persona_assets_tests.plots.made_up import plotted, summary_of
from persona_assets_tests.statistics.counted_rows import Row, made_up_rows

kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)


def figure_of(rows: list[Row], kind: Kind, axes: SharedAxes | None = None, title: str = "a dataset") -> Figure:
    return draw_counts(title, f"{len(rows):,} conversations", kind, plotted(rows), axes)


@kinds
def test_the_stacked_histogram_holds_every_conversation_in_its_bands_colour(kind: Kind) -> None:
    rows = made_up_rows(kind, 300)
    width = choose_bin_width(max(row["tokens"] for row in rows))
    whole_stacks = {color: size_of(corners) / width for color, corners in areas(figure_of(rows, kind).axes[0])}
    below = 0
    for band in BANDS[kind.name]:
        below += sum(band_color(kind, row) == band.color for row in rows)
        assert whole_stacks[band.color] == pytest.approx(below)
    assert below == 300


@kinds
def test_no_part_of_the_stack_is_painted_over_by_a_larger_one(kind: Kind) -> None:
    painted = [size_of(corners) for _, corners in areas(figure_of(made_up_rows(kind, 300), kind).axes[0])]
    assert painted == sorted(painted, reverse=True)


@kinds
@pytest.mark.parametrize("panel", ["conversations", "tokens"])
def test_every_score_has_a_bar_as_high_as_its_sum_and_so_have_rows_without_a_score(kind: Kind, panel: str) -> None:
    rows = made_up_rows(kind, 300)
    expected: Counter[int | None] = Counter()
    for row in rows:
        expected[row["extract_score"]] += 1 if panel == "conversations" else row["tokens"]
    axes = figure_of(rows, kind).axes[2 if panel == "conversations" else 3]
    assert {score: height_at(axes, score) for score in kind.scores} == {
        score: expected[score] for score in kind.scores
    }
    unscored_color, corners = areas(axes)[-1]
    assert (unscored_color, corners[:, 1].max()) == (BANDS[kind.name][-1].color, expected[None])
    assert corners[:, 0].min() > kind.max_score


@kinds
def test_the_median_line_stands_at_the_median_and_says_it(kind: Kind) -> None:
    rows = made_up_rows(kind, 301)
    median = statistics.median(row["tokens"] for row in rows)
    figure = figure_of(rows, kind)
    assert np.asarray(figure.axes[0].lines[0].get_xdata()).tolist() == [median, median]
    assert f"median {median:,.0f}" in {text.strip() for text, _ in texts(figure)}


def test_the_band_rows_show_the_percentiles_of_each_band() -> None:
    rows = [row | {"extract_score": 2, "tokens": tokens} for tokens, row in enumerate(made_up_rows(ROLE, 101))]
    panel = figure_of(rows, ROLE).axes[1]
    lines = [line.tolist() for line in segments(panel)]
    for row in (0, 3):  # all conversations, and the band of score 2
        assert [[5, row], [95, row]] in lines
        assert any(a[0] == b[0] == 50 and a[1] < row < b[1] for a, b in lines)
    assert [sorted(set(corners[:, 0])) for _, corners in areas(panel)] == [[25, 75], [25, 75]]


EXTREMES: dict[str, list[tuple[int, int | None]]] = {
    "none": [],
    "one": [(7, 1)],
    "no score": [(300 + place, None) for place in range(1200)],
    "one score": [(300 + place, 3) for place in range(1200)],
    "one very long": [(50, 0)] * 5 + [(250_000, 2), (90, None)],
    "very many": [(1_000_000 + place, place % 4) for place in range(2400)],
    "late median": [*[(1000, 3)] * 50, (3, 2)],
}


@kinds
@pytest.mark.parametrize("extreme", EXTREMES)
def test_no_text_leaves_the_picture_or_covers_another(kind: Kind, extreme: str) -> None:
    base = made_up_rows(kind, 1)[0]
    rows = [base | {"tokens": tokens, "extract_score": score} for tokens, score in EXTREMES[extreme]]
    assert crowded(figure_of(rows, kind)) == []


@kinds
def test_a_title_of_any_length_stays_in_the_picture(kind: Kind) -> None:
    long_name = f"{'M' * 64}__{kind.name}__{'w' * 64}__min70__pos"
    assert crowded(figure_of(made_up_rows(kind, 50), kind, title=long_name)) == []


@kinds
def test_shared_axes_are_the_same_in_every_picture(kind: Kind) -> None:
    datasets = [made_up_rows(kind, 40 * (place + 1), seed=place) for place in range(4)]
    shared = fit_shared_axes(summary_of(rows, kind) for rows in datasets)
    assert len({limits(figure_of(rows, kind, shared)) for rows in datasets}) == 1
    assert len({limits(figure_of(rows, kind)) for rows in datasets}) == 4


@kinds
def test_axes_that_are_too_short_are_extended_so_that_nothing_is_cut_off(kind: Kind) -> None:
    rows = made_up_rows(kind, 200)
    assert limits(figure_of(rows, kind, SharedAxes(1, 1, 1, 1))) == limits(figure_of(rows, kind))
    for axes in figure_of(rows, kind).axes:
        corners = np.concatenate([corners for _, corners in areas(axes)])
        assert axes.get_ylim()[1] >= corners[:, 1].max() or axes.yaxis_inverted()
        assert axes.get_xlim()[1] >= min(corners[:, 0].max(), max(row["tokens"] for row in rows))


@kinds
def test_equal_numbers_give_equal_bytes_whatever_was_drawn_before(kind: Kind) -> None:
    rows = made_up_rows(kind, 100)
    first = picture(figure_of(rows, kind))
    other = picture(figure_of(made_up_rows(TRAIT, 30), TRAIT))
    assert picture(figure_of(rows, kind)) == first != other


def test_the_package_draws_without_pyplot() -> None:
    modules = ("dataset_figure", "figures_of_many", "pictures")
    imports = "; ".join(f"import persona_assets.plots.{module}" for module in modules)
    program = f"{imports}; import sys; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def picture(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    save_picture(figure, buffer, {"Title": "a dataset"})
    return buffer.getvalue()


def limits(figure: Figure) -> tuple[tuple[float, ...], ...]:
    return tuple((*axes.get_xlim(), *axes.get_ylim()) for axes in figure.axes)


def band_color(kind: Kind, row: Row) -> str:
    score = row["extract_score"]
    return next(band.color for band in BANDS[kind.name] if band.holds(score))


def height_at(axes: Axes, place: float) -> float:
    """The top of the area over a place."""
    for _, corners in areas(axes):
        for (x0, y0), (x1, y1) in pairwise(corners):
            if x0 < place < x1 and y0 == y1 and y0 >= 0:
                return float(y0)
    raise AssertionError(f"nothing is drawn at {place}")
