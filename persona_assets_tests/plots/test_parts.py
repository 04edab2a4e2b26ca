"""The small parts pictures are made of: bands, scales, saved files and thumbnails."""

import io
import re
from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from persona_assets.kinds import KINDS, TRAIT, Kind
from persona_assets.plots.bands import BANDS
from persona_assets.plots.dataset_figure import Caption, draw_dataset
from persona_assets.plots.pictures import THUMBNAIL_SIZE, make_thumbnail, save_picture
from persona_assets.plots.scales import format_count, round_up_step, scale_changes, scale_counts, shorten_count
from persona_assets_tests.plots.made_up import plotted
from persona_assets_tests.statistics.counted_rows import made_up_rows


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_score_and_no_score_is_in_exactly_one_band(kind: Kind) -> None:
    for score in (*kind.scores, None):
        assert [band.holds(score) for band in BANDS[kind.name]].count(True) == 1


def test_the_bands_colours_differ_in_lightness_so_that_they_are_told_apart_without_hue() -> None:
    def lightness(color: str) -> float:
        red, green, blue = bytes.fromhex(color[1:])
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    scored = [lightness(band.color) for band in BANDS[TRAIT.name][:-1]]
    assert all(lower + 25 < higher for lower, higher in pairwise(scored))


@pytest.mark.parametrize(
    ("least", "step"), [(0, 1), (1, 1), (1.1, 2), (2, 2), (3, 5), (5.5, 10), (11, 20), (777, 1000)]
)
def test_steps_are_one_two_or_five_times_a_power_of_ten(least: float, step: int) -> None:
    assert round_up_step(least) == step


@pytest.mark.parametrize(("least", "most"), [(0, 0), (-3, 0), (-50, 150), (0, 1200), (-99, 4)])
def test_a_scale_of_changes_holds_both_ends_and_a_labelled_zero(least: float, most: float) -> None:
    scale = scale_changes(least, most)
    assert scale.low < least or least == 0 > scale.low
    assert scale.high > most
    assert dict(zip(scale.ticks, scale.labels, strict=True))[0] == "0"
    assert 3 <= len(scale.ticks) <= 6


@pytest.mark.parametrize("limit", [0, 1, 2, 7, 10, 99, 1274, 636_812, 12_345_678])
@pytest.mark.parametrize("steps", [4, 5, 8])
def test_a_counting_scale_holds_its_limit_and_has_few_different_whole_ticks(limit: int, steps: int) -> None:
    scale = scale_counts(limit, steps)
    assert scale.high > limit
    assert 2 <= len(scale.ticks) <= steps + 1
    assert all(tick == int(tick) <= scale.high for tick in scale.ticks)
    assert len(set(scale.labels)) == len(scale.ticks)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (999.6, "1k"), (1249, "1.2k"), (99_960, "100k"), (624_595, "625k"), (999_600, "1M")],
)
def test_short_numbers_have_at_most_five_characters(value: float, text: str) -> None:
    assert shorten_count(value) == text


@pytest.mark.parametrize(("value", "text"), [(1113, "1,113"), (99_999, "99,999"), (99_999.5, "100k")])
def test_readable_numbers_have_all_digits_while_there_is_room(value: float, text: str) -> None:
    assert format_count(value) == text


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    for form in ("png", "pdf", "svg"):
        save_picture(a_figure(), tmp_path / f"calm.{form}", {"Title": "calm", "Description": "what it shows"}, form)
    return tmp_path / "calm.png"


def a_figure() -> Figure:
    return draw_dataset(Caption("calm", "made up"), TRAIT, plotted(made_up_rows(TRAIT, 300), TRAIT))


def test_a_saved_picture_carries_its_texts_and_no_software_version(saved: Path) -> None:
    with Image.open(saved) as image:
        assert image.text == {"Title": "calm", "Description": "what it shows"}  # type: ignore[attr-defined]
        assert image.size == (1008, 686)


@pytest.mark.parametrize("form", ["pdf", "svg"])
def test_a_picture_of_lines_carries_its_texts_and_neither_a_date_nor_a_software_version(
    saved: Path, form: str
) -> None:
    content = saved.with_suffix(f".{form}").read_bytes()
    assert b"what it shows" in content
    assert not re.search(rb"CreationDate|ModDate|<dc:date>|[Mm]atplotlib v?\d|\b20[2-9]\d-", content)


def test_a_pdf_embeds_its_letters_as_fonts_that_journals_take(saved: Path) -> None:
    content = saved.with_suffix(".pdf").read_bytes()
    assert b"/Type3" not in content
    assert b"/CIDFontType2" in content or b"/TrueType" in content


def test_letters_are_at_least_seven_points_at_the_width_of_a_page() -> None:
    figure = a_figure()
    assert figure.get_size_inches()[0] <= 7.2
    assert min(float(text.get_fontsize()) for text in figure.texts) >= 7


def test_a_thumbnail_is_small_and_keeps_the_bands_colours(saved: Path) -> None:
    made = make_thumbnail(saved)
    assert len(made) < 30_000
    with Image.open(io.BytesIO(made)) as image:
        assert image.width <= THUMBNAIL_SIZE[0]
        assert image.height <= THUMBNAIL_SIZE[1]
        colors = {color for _, color in image.convert("RGB").getcolors(THUMBNAIL_SIZE[0] * THUMBNAIL_SIZE[1]) or ()}
    for band in BANDS[TRAIT.name]:
        wanted = bytes.fromhex(band.color[1:])
        assert min(max(abs(a - b) for a, b in zip(wanted, color, strict=True)) for color in colors) <= 4  # type: ignore[arg-type]
