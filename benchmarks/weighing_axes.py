"""Weigh the hand-made axes of a dataset's figure: the same figure with matplotlib's own axes, in turns.

    python benchmarks/weighing_axes.py [--runs 9]

Prints the median CPU time of both, PNG included, and their ratio.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from unittest import mock

from histogram import made_up_rows, packaged
from matplotlib.figure import Figure
from taking_turns import measure

from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.plots import answer_panels, score_panels
from persona_assets.plots.panels import FAINT, GRID, TEXT_SIZE, Box, Panel, write
from persona_assets.plots.plotted_rows import PlottedRows
from persona_assets.plots.scales import Scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    for kind in (ROLE, TRAIT):
        rows = made_up_rows(kind)
        ours, theirs = measure(runs, partial(packaged, kind, rows), partial(draw_with_own_axes, kind, rows))
        print(f"{kind.name}: hand-made {ours:.1f} ms, matplotlib's own {theirs:.1f} ms, ratio {theirs / ours:.2f}")


def draw_with_own_axes(kind: Kind, rows: PlottedRows) -> None:
    with own_axes():
        packaged(kind, rows)


@contextmanager
def own_axes() -> Iterator[None]:
    with (
        mock.patch.object(answer_panels, "add_panel", add_own_panel),
        mock.patch.object(score_panels, "add_panel", add_own_panel),
    ):
        yield


def add_own_panel(figure: Figure, box: Box, x: Scale, y: Scale, heading: str = "") -> Panel:
    """The same panel by matplotlib's axes, ticks, labels and grid."""
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
    return Panel(figure, box, x, y)


if __name__ == "__main__":
    main()
