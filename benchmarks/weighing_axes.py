"""Weigh the hand-made axes of a dataset's figure: the same figure with matplotlib's own axes, in turns.

    python benchmarks/weighing_axes.py [--runs 9]

Prints the median CPU time of both, PNG included, and their ratio.
"""

import argparse
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from unittest import mock

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from taking_turns import measure

from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.plots import length_panels, score_panels
from persona_assets.plots.bands import PlottedCounts
from persona_assets.plots.dataset_figure import draw_counts
from persona_assets.plots.panels import FAINT, GRID, TEXT_SIZE, Box, write
from persona_assets.plots.pictures import save_picture
from persona_assets.plots.scales import Scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    for kind, rows in ((ROLE, 1200), (TRAIT, 2400)):
        counts = make_counts(kind, rows)
        ours, theirs = measure(runs, partial(draw, kind, counts), partial(draw_with_own_axes, kind, counts))
        print(f"{kind.name}: hand-made {ours:.1f} ms, matplotlib's own {theirs:.1f} ms, ratio {theirs / ours:.2f}")


def make_counts(kind: Kind, rows: int) -> PlottedCounts:
    chance = np.random.default_rng(7)
    scores = np.round(chance.beta(2, 1, rows) * kind.max_score)
    scores[chance.random(rows) < 0.015] = np.nan
    return PlottedCounts(np.round(chance.lognormal(6.2, 0.35, rows)), scores)


def draw(kind: Kind, counts: PlottedCounts) -> None:
    save_picture(draw_counts("a dataset", "made up", kind, counts), io.BytesIO())


def draw_with_own_axes(kind: Kind, counts: PlottedCounts) -> None:
    with own_axes():
        draw(kind, counts)


@contextmanager
def own_axes() -> Iterator[None]:
    with (
        mock.patch.object(length_panels, "add_panel", add_own_panel),
        mock.patch.object(score_panels, "add_panel", add_own_panel),
    ):
        yield


def add_own_panel(figure: Figure, box: Box, x: Scale, y: Scale, heading: str = "") -> Axes:
    """The same panel by matplotlib's ticks, labels and grid."""
    width, height = figure.get_size_inches()
    place = (box.left / width, box.bottom / height, box.width / width, box.height / height)
    axes = figure.add_axes(place, xlim=(x.low, x.high), ylim=(y.low, y.high))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_axisbelow(True)
    axes.set_xticks(x.ticks, x.labels or [""] * len(x.ticks), fontsize=TEXT_SIZE, color=FAINT)
    axes.set_yticks(y.ticks, y.labels or [""] * len(y.ticks), fontsize=TEXT_SIZE, color=FAINT)
    axes.tick_params(axis="y", length=0)
    for scale, name in ((x, "x"), (y, "y")):
        if scale.grid:
            axes.grid(visible=True, axis=name, color=GRID, linewidth=0.7)
    axes.set_xlabel(x.title, fontsize=TEXT_SIZE)
    if heading:
        write(figure, box.left, box.bottom + box.height + 0.1, heading)
    return axes


if __name__ == "__main__":
    main()
