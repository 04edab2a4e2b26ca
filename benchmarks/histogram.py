"""Time the picture of a role and of a trait against the same numbers drawn the usual way with pyplot.

    python benchmarks/histogram.py [--runs 9]

The usual way: one bar and one label per score, tight layout, saved with bbox_inches="tight". The counts are
made up from a fixed seed. CPU time includes writing the PNG; the two take turns, so that both meet the same load.
"""

import argparse
import io
import platform
import statistics
import time
from collections.abc import Callable
from functools import partial

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot as plt

from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.plots.dataset_figure import Caption, draw_dataset
from persona_assets.plots.pictures import save_picture
from persona_assets.plots.plotted_rows import PlottedRows

CONVERSATIONS = {ROLE.name: 1200, TRAIT.name: 2400}
SHARE_WITHOUT_SCORE = 0.015
LIMIT = 1025
"""Tokens at which answers are cut off."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    print(f"{platform.machine()}, Python {platform.python_version()}, matplotlib {mpl.__version__}, {runs} runs")
    print("CPU ms per picture, medians (smallest to largest)")
    for kind in (ROLE, TRAIT):
        rows = made_up_rows(kind)
        ours, usual = alternately(runs, partial(packaged, kind, rows), partial(with_pyplot, kind, rows))
        ratio = statistics.median(usual) / statistics.median(ours)
        print(f"{kind.name:6} persona_assets {described(ours)}   pyplot {described(usual)}   {ratio:.1f} times less")


def made_up_rows(kind: Kind) -> PlottedRows:
    """Lengths and scores as in real datasets: log-normal lengths, a label at each end of the scale of traits."""
    chance = np.random.default_rng(7)
    rows = CONVERSATIONS[kind.name]
    labels = kind.labels if kind.paired else kind.labels[:1]
    label = np.arange(rows) % len(labels)
    scores = np.round(np.where(label == 0, chance.beta(6, 1.4, rows), chance.beta(1, 6, rows)) * kind.max_score)
    scores[chance.random(rows) < SHARE_WITHOUT_SCORE] = np.nan
    answers = np.minimum(np.round(chance.lognormal(6.2, 0.35, rows)), LIMIT)
    prompts = np.round(chance.normal(60, 12, rows).clip(20))
    return PlottedRows(labels, label, label, prompts, answers, scores, answers == LIMIT, LIMIT)


def packaged(kind: Kind, rows: PlottedRows) -> None:
    save_picture(draw_dataset(Caption("a dataset", "made up"), kind, rows), io.BytesIO())


def with_pyplot(kind: Kind, rows: PlottedRows) -> None:
    figure, (lengths, conversations, tokens) = plt.subplots(1, 3, figsize=(15, 5))
    lengths.hist(rows.answer_tokens, bins=48)
    lengths.set(xlabel="tokens per conversation", ylabel="conversations")
    scored = ~np.isnan(rows.scores)
    groups = {str(int(score)): rows.answer_tokens[rows.scores == score] for score in np.unique(rows.scores[scored])}
    groups["none"] = rows.answer_tokens[~scored]
    for axes, values, what in (
        (conversations, [group.size for group in groups.values()], "conversations"),
        (tokens, [int(group.sum()) for group in groups.values()], "tokens"),
    ):
        bars = axes.bar(list(groups), values)
        axes.bar_label(bars, [f"{value:,}" for value in values], fontsize=6)
        axes.tick_params(axis="x", rotation=90, labelsize=6)
        axes.set(xlabel=f"{kind.name} score", ylabel=what)
    figure.suptitle("a dataset")
    figure.tight_layout()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    plt.close(figure)


def alternately(runs: int, *tasks: Callable[[], None]) -> list[list[float]]:
    """CPU milliseconds of every run of each task, after one run of each that is not counted."""
    measured: list[list[float]] = [[] for _ in tasks]
    for run in range(runs + 1):
        for task, times in zip(tasks, measured, strict=True):
            start = time.process_time()
            task()
            if run:
                times.append((time.process_time() - start) * 1000)
    return measured


def described(times: list[float]) -> str:
    return f"{statistics.median(times):6.1f} ({min(times):.0f} to {max(times):.0f})"


if __name__ == "__main__":
    main()
