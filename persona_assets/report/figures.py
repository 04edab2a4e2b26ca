"""Small figures as numbers: where the bars of a histogram are. Templates draw them as SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

import numpy as np
import numpy.typing as npt

from persona_assets.kinds import Kind
from persona_assets.report.rows import NONE, Rows

Values = npt.NDArray[np.float64]
WIDTH, HEIGHT = 620, 170
LEFT, BOTTOM, TOP = 8, 34, 10


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    title: str


@dataclass(frozen=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True)
class Histogram:
    """Bars of each label over one axis."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    axis: str
    base: float = HEIGHT - BOTTOM
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True)
class Spread:
    """The values of many keys as a strip of bars, on an axis that other strips share."""

    bars: tuple[Bar, ...]
    low: str
    high: str
    width: float = 150
    height: float = 34


def draw_scores(rows: Rows, kind: Kind) -> Histogram:
    """Rows by score, the labels side by side; scores of a long scale in tens."""
    step = 1 if kind.max_score < 20 else 10
    edges = [*range(0, kind.max_score, step), kind.max_score + 1] if step > 1 else list(range(kind.max_score + 2))
    names = [_name_bin(low, high - 1) for low, high in pairwise(edges)]
    counts: dict[str, Sequence[int]] = {
        label: [*np.histogram(rows.scores[of_label & rows.scored], edges)[0], (of_label & ~rows.scored).sum()]
        for label, of_label in _by_label(rows, kind)
    }
    return _group(counts, [*names, "none"], "score the judge gave")


def draw_answer_tokens(rows: Rows, kind: Kind) -> Histogram | None:
    """Rows by the tokens of the answer; None if none was counted."""
    counted = rows.answer_tokens[rows.answer_tokens != NONE]
    if not len(counted):
        return None
    step = _round_step(int(counted.max()) / 20)
    edges = np.arange(0, int(counted.max()) + step + 1, step)
    counts = {
        label: np.histogram(rows.answer_tokens[of_label & (rows.answer_tokens != NONE)], edges)[0].tolist()
        for label, of_label in _by_label(rows, kind)
    }
    names = [f"{low:,}" for low in edges[:-1].tolist()]
    return _group(counts, names, f"tokens of the answer, in steps of {step:,}", every=5)


def draw_spread(values: Iterable[float | None], high: float, text: str, bins: int = 25) -> Spread:
    """How many keys have which value, from 0 to ``high``. ``text`` formats a value."""
    found = np.array([value for value in values if value is not None], np.float64)
    counts, edges = np.histogram(np.clip(found, 0, high), bins, (0, high or 1))
    most, width = max(int(counts.max()), 1), 150 / bins
    bars = tuple(
        Bar(
            round(number * width, 2),
            round(33 - 32 * int(keys) / most, 2),
            round(width - 1, 2),
            round(32 * int(keys) / most, 2),
            "",
            f"{text.format(low)} to {text.format(top)}: {int(keys):,} keys",
        )
        for number, (keys, low, top) in enumerate(zip(counts, edges[:-1], edges[1:], strict=True))
        if keys
    )
    return Spread(bars, text.format(0), text.format(high))


def _by_label(rows: Rows, kind: Kind) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    found = [(label, rows.labels == label) for label in kind.row_labels]
    return [(label, of_label) for label, of_label in found if of_label.any()]


def _name_bin(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"  # noqa: RUF001 - a range's dash


def _round_step(least: float) -> int:
    """The first of 1, 2, 5, 10, 20, 50, ... that is not below ``least``."""
    steps = (times * int(10**power) for power in count() for times in (1, 2, 5))
    return next(step for step in steps if step >= least)


def _group(counts: dict[str, Sequence[int]], names: Sequence[str], axis: str, every: int = 1) -> Histogram:
    most = max((int(rows) for of_label in counts.values() for rows in of_label), default=0) or 1
    slot = (WIDTH - 2 * LEFT) / len(names)
    gap = 2 if slot < 25 else 8
    width = (slot - gap) / max(len(counts), 1)
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    bars = tuple(
        Bar(
            round(LEFT + number * slot + gap / 2 + place * width, 2),
            round(base - room * int(rows) / most, 2),
            round(width, 2),
            round(room * int(rows) / most, 2),
            label,
            f"{label}, {names[number]}: {int(rows):,} rows",
        )
        for place, (label, of_label) in enumerate(counts.items())
        for number, rows in enumerate(of_label)
        if rows
    )
    ticks = tuple(
        Tick(round(LEFT + (number + 0.5) * slot, 2), name) for number, name in enumerate(names) if number % every == 0
    )
    return Histogram(bars, ticks, axis)
