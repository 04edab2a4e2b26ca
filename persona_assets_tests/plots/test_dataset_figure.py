"""A dataset's picture shows exactly its numbers, label by label, and all of it can be read."""

import io
import statistics
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS, ROLE, TRAIT, Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.dataset_figure import Caption, caption_dataset, draw_dataset
from persona_assets.plots.panels import INK, WARNING
from persona_assets.plots.pictures import save_picture
from persona_assets.plots.scales import choose_bin_width
from persona_assets.plots.shared_axes import SharedAxes, fit_shared_axes
from persona_assets.tokens.identity import TokenizerIdentity
from persona_assets_tests.plots.drawn import Drawn, crowded, panels, size_of, texts
from persona_assets_tests.plots.made_up import plotted
from persona_assets_tests.statistics.counted_rows import Row, made_up_rows

kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
SAMPLE = TokenizerIdentity("made/up", "folder", None, "a", "b", None)


def figure_of(rows: list[Row], kind: Kind, axes: SharedAxes | None = None, title: str = "a dataset") -> Figure:
    return draw_dataset(Caption(title, f"{len(rows):,} conversations"), kind, plotted(rows, kind), axes)


def of_label(rows: list[Row], label: str) -> list[Row]:
    return [row for row in rows if row["label"] == label]


def longest(rows: list[Row]) -> int:
    return max(int(tokens) for row in rows for tokens in (row["assistant_tokens"], row["prompt_tokens"]))


@kinds
def test_each_label_has_a_histogram_of_its_answers_stacked_by_band(kind: Kind) -> None:
    rows = made_up_rows(kind, 300)
    width = choose_bin_width(longest(rows))
    drawn = panels(figure_of(rows, kind))
    for label, panel in zip(kind.labels, drawn, strict=False):
        stacks = {color: size_of(corners) / width for color, corners in panel.areas}
        below = 0
        for band in BANDS[kind.name]:
            below += sum(band_color(kind, row) == band.color for row in of_label(rows, label))
            assert stacks[band.color] == pytest.approx(below)
        assert below == len(of_label(rows, label))


@kinds
def test_no_part_of_a_stack_is_painted_over_by_a_larger_one(kind: Kind) -> None:
    drawn = panels(figure_of(made_up_rows(kind, 300), kind))
    for panel in drawn[: len(kind.labels)]:
        painted = [size_of(corners) for _, corners in panel.areas]
        assert painted == sorted(painted, reverse=True)


@kinds
def test_all_labels_are_drawn_to_one_scale(kind: Kind) -> None:
    rows = made_up_rows(kind, 300)
    lopsided = [*of_label(rows, kind.labels[0]), *of_label(rows, kind.labels[1])[:5]]
    drawn = panels(figure_of(lopsided, kind))
    for first, second in ((0, 1), (3, 4)):
        sizes = [np.subtract(drawn[place].scale[2:], drawn[place].scale[:2]) for place in (first, second)]
        assert sizes[0] == pytest.approx(sizes[1])


def test_each_role_score_has_a_bar_as_high_as_its_count_and_so_have_rows_without_a_score() -> None:
    rows = made_up_rows(ROLE, 300)
    drawn = panels(figure_of(rows, ROLE))[3:5]
    for label, panel in zip(ROLE.labels, drawn, strict=True):
        expected = Counter(row["extract_score"] for row in of_label(rows, label))
        assert {score: height_at(panel, score) for score in ROLE.scores} == {s: expected[s] for s in ROLE.scores}
        color, corners = panel.areas[-1]
        assert (color, corners[:, 1].max()) == (BANDS[ROLE.name][-1].color, expected[None])
        assert corners[:, 0].min() > ROLE.max_score


@pytest.mark.parametrize("step", [5, 10])
def test_trait_scores_are_in_bins_centred_on_the_multiples_that_the_judge_gives(step: int) -> None:
    base = made_up_rows(TRAIT, 1)[0] | {"label": "pos"}
    counts = {center: 10 + center for center in range(0, 101, step)}
    near = dict.fromkeys((2, 23, 47, 98, 99), 1)
    rows = [base | {"extract_score": score} for score, count in {**counts, **near}.items() for _ in range(count)]
    panel = panels(figure_of(rows, TRAIT))[2]
    expected = Counter(int((row["extract_score"] + step / 2) // step) * step for row in rows)
    assert {center: height_at(panel, center) for center in counts} == {center: expected[center] for center in counts}


def test_no_bin_is_a_sliver_between_round_scores() -> None:
    base = made_up_rows(TRAIT, 1)[0] | {"label": "pos"}
    rows = [base | {"extract_score": score} for score in range(0, 101, 10) for _ in range(20)]
    panel = panels(figure_of(rows, TRAIT))[2]
    heights = {corners[:, 1].max() for color, corners in panel.areas if color != BANDS[TRAIT.name][-1].color}
    assert heights == {20}
    assert [height_at(panel, place) for place in range(0, 101, 10)] == [20] * 11


@kinds
def test_a_line_for_each_label_shows_what_every_minimum_score_keeps(kind: Kind) -> None:
    rows = made_up_rows(kind, 300)
    lines = [line for line in panels(figure_of(rows, kind))[-1].segments if len(line) > 2]
    assert len(lines) == len(kind.labels)
    for label, line in zip(kind.labels, lines, strict=True):
        for minimum in kind.scores:
            kept = sum((row["extract_score"] or -1) >= max(minimum, 0.5) for row in of_label(rows, label))
            kept += minimum == 0 and sum(row["extract_score"] == 0 for row in of_label(rows, label))
            (level,) = [a[1] for a, b in pairwise(line) if a[0] < minimum < b[0]]
            assert level == kept


def test_what_the_usual_minimum_of_traits_keeps_is_written() -> None:
    rows = made_up_rows(TRAIT, 300)
    kept = [sum((row["extract_score"] or 0) >= 70 for row in of_label(rows, label)) for label in ("pos", "neg")]
    assert f"min70 keeps {kept[0]} pos, {kept[1]} neg" in {text for text, _ in texts(figure_of(rows, TRAIT))}


@kinds
def test_the_median_line_of_each_label_stands_at_its_median_and_says_it(kind: Kind) -> None:
    rows = made_up_rows(kind, 301)
    figure = figure_of(rows, kind)
    for label, panel in zip(kind.labels, panels(figure), strict=False):
        median = statistics.median(row["assistant_tokens"] for row in of_label(rows, label))
        assert panel.uprights(INK) == [median]
        assert f"median {median:,.0f}" in {text.strip() for text, _ in texts(figure)}


def test_answers_and_prompts_have_rows_apart_and_so_has_each_band() -> None:
    base = made_up_rows(ROLE, 1)[0] | {"label": "pos", "extract_score": 2}
    rows = [base | {"prompt_tokens": 200 + tokens, "assistant_tokens": tokens} for tokens in range(101)]
    panel = panels(figure_of(rows, ROLE))[1]
    lines = [line.tolist() for line in panel.segments]
    for row, shift in ((0, 0), (1, 0), (2, 200)):  # all answers, those with score 2, prompts
        assert [[5 + shift, row], [95 + shift, row]] in lines
        assert any(a[0] == b[0] == 50 + shift and a[1] < row < b[1] for a, b in lines)
    assert [sorted(set(corners[:, 0])) for _, corners in panel.areas] == [[25, 75], [25, 75], [225, 275]]


def test_a_known_limit_of_answers_is_marked_where_it_is_with_the_share_that_was_cut() -> None:
    rows = [
        row | {"label": "pos", "assistant_tokens": min(row["assistant_tokens"], 200)}
        for row in made_up_rows(ROLE, 400)
    ]
    cut = [row["assistant_tokens"] == 200 for row in rows]
    figure = draw_dataset(Caption("cut", ""), ROLE, plotted(rows, ROLE, cut, 200))
    assert panels(figure)[0].uprights(WARNING) == [200]
    assert f"{sum(cut) / 400:.0%} cut at 200" in {text for text, _ in texts(figure)}


def test_nothing_is_marked_where_no_limit_is_known() -> None:
    rows = made_up_rows(TRAIT, 300)
    figure = figure_of(rows, TRAIT)
    assert [panel.uprights(WARNING) for panel in panels(figure)[:2]] == [[], []]
    assert not any("cut" in text for text, _ in texts(figure))
    known = draw_dataset(Caption("", ""), TRAIT, plotted(rows, TRAIT, [True] * 300))
    assert [panel.uprights(WARNING) for panel in panels(known)[:2]] == [[], []]
    assert "100% cut off" in {text for text, _ in texts(known)}


@kinds
def test_a_dataset_without_scores_fills_the_width_with_what_it_has(kind: Kind) -> None:
    rows = [row | {"extract_score": None, "label": "default"} for row in made_up_rows(kind, 200)]
    figure = figure_of(rows, kind)
    histogram, spreads = panels(figure)
    assert min(histogram.place.width, spreads.place.width) > 0.75 * figure.bbox.width
    written = {text for text, _ in texts(figure)}
    prompts = Counter(row["prompt_index"] for row in rows)
    assert {f"to prompt {prompt} ({count})" for prompt, count in prompts.items()} <= written
    assert not any("score" in text for text in written)


def rows_of(kind: Kind, numbers: list[tuple[int, int | None]], labels: tuple[str, ...]) -> list[Row]:
    base = made_up_rows(kind, 1)[0]
    return [
        base | {"assistant_tokens": tokens, "extract_score": score, "label": labels[place % len(labels)]}
        for place, (tokens, score) in enumerate(numbers)
    ]


EXTREMES: dict[str, list[tuple[int, int | None]]] = {
    "none": [],
    "one": [(7, 1)],
    "no score": [(300 + place, None) for place in range(1200)],
    "one score": [(300 + place, 3) for place in range(1200)],
    "the lowest score": [(300 + place, 0) for place in range(1200)],
    "one very long": [(50, 0)] * 5 + [(250_000, 2), (90, None)],
    "very many": [(1_000_000 + place, place % 4) for place in range(2400)],
    "late median": [*[(1000, 3)] * 50, (3, 2)],
}


@kinds
@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_text_leaves_the_picture_or_covers_another(kind: Kind, extreme: str, count: int) -> None:
    rows = rows_of(kind, EXTREMES[extreme], kind.row_labels[:count])
    figure = figure_of(rows, kind)
    assert crowded(figure) == []
    assert all(panel.holds_all() for panel in panels(figure))


@kinds
def test_a_title_of_any_length_stays_in_the_picture(kind: Kind) -> None:
    key = DatasetKey("M" * 64, kind.name, "w" * 64)
    rows = plotted(made_up_rows(kind, 50), kind)
    figure = draw_dataset(caption_dataset(key, rows, 3, SAMPLE), kind, rows)
    assert crowded(figure) == []


@pytest.mark.parametrize(
    ("key", "label", "title"),
    [
        ("gemma-2-27b__role__deep_sea_diver", "pos", "gemma-2-27b as deep sea diver"),
        ("qwen-3-32b__trait__calm", "pos", "qwen-3-32b with the trait calm"),
        ("gemma-2-27b__role__0_default", "default", "gemma-2-27b as itself (baseline “0 default”)"),
    ],
)
def test_titles_are_words(key: str, label: str, title: str) -> None:
    parsed = DatasetKey.parse(key)
    rows = plotted([row | {"label": label} for row in made_up_rows(parsed.kind, 5)], parsed.kind)
    assert caption_dataset(parsed, rows, 0, SAMPLE).title == title


@kinds
def test_shared_axes_are_the_same_in_every_picture(kind: Kind) -> None:
    datasets = [made_up_rows(kind, 40 * (place + 1), seed=place) for place in range(4)]
    shared = fit_shared_axes(kind, [plotted(rows, kind) for rows in datasets])
    assert len({scales(figure_of(rows, kind, shared)) for rows in datasets}) == 1
    assert len({scales(figure_of(rows, kind)) for rows in datasets}) == 4


@kinds
def test_axes_that_are_too_short_are_extended_so_that_nothing_is_cut_off(kind: Kind) -> None:
    rows = made_up_rows(kind, 200)
    step = 1 if kind is ROLE else 5
    figure = figure_of(rows, kind, SharedAxes(1, 1, step, 1, 1))
    assert scales(figure) == scales(figure_of(rows, kind))
    assert all(panel.holds_all() for panel in panels(figure))


@kinds
@pytest.mark.parametrize("form", ["png", "pdf", "svg"])
def test_equal_numbers_give_equal_bytes_whatever_was_drawn_before(kind: Kind, form: str) -> None:
    rows = made_up_rows(kind, 100)
    first = picture(figure_of(rows, kind), form)
    other = picture(figure_of(made_up_rows(TRAIT, 30), TRAIT), form)
    assert picture(figure_of(rows, kind), form) == first != other
    assert picture(figure_of(rows, kind), "png") != first or form == "png"


def test_the_package_draws_without_pyplot() -> None:
    modules = ("dataset_figure", "figures_of_many", "pictures")
    imports = "; ".join(f"import persona_assets.plots.{module}" for module in modules)
    program = f"{imports}; import sys; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def picture(figure: Figure, form: str) -> bytes:
    buffer = io.BytesIO()
    save_picture(figure, buffer, {"Title": "a dataset"}, form)
    return buffer.getvalue()


def scales(figure: Figure) -> tuple[tuple[float, ...], ...]:
    """Of the panels of answers, and of those of scores, whose rows do not depend on what there is."""
    drawn = [
        panel for panel in panels(figure) if any(color == BANDS[TRAIT.name][0].color for color, _ in panel.areas)
    ]
    return tuple(panel.scale for panel in (*drawn[:2], *drawn[-2:]))


def band_color(kind: Kind, row: Row) -> str:
    score = row["extract_score"]
    return next(band.color for band in BANDS[kind.name] if band.holds(score))


def height_at(panel: Drawn, place: float) -> float:
    """The top of the highest area over a place."""
    return max(
        float(y0)
        for _, corners in panel.areas
        for (x0, y0), (x1, y1) in pairwise(np.asarray(corners))
        if x0 < place < x1 and y0 == y1
    )
