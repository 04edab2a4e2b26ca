"""Which conversations a page shows: some of every label and score band, the same whenever the data is the same."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS
from persona_assets.report.rows import NONE, Flags, Rows

MOST = 30
"""Conversations of the key on one page. There are 12 or more if it has as many."""
FOR_SIGNS = 4
"""How many of them are kept for signs that the others do not have."""
NO_ROW = -1
Cell = tuple[int, int, int]


@dataclass(frozen=True)
class Shown:
    """The positions of one or two rows that are shown side by side; ``NO_ROW`` where there is none."""

    left: int
    right: int


def choose_conversations(rows: Rows, kind: Kind) -> list[Shown]:
    """Choose conversations of every label and score band in turns, then one for each sign that none of them has."""
    order = _shuffle(rows)
    groups = [[position for position in order if band[position]] for band in _list_bands(rows, kind)]
    partners = _find_partners(rows) if kind.paired else {}
    chosen: list[Shown] = []
    taken: set[int] = set()
    for position in _in_turns(groups, taken):
        if len(taken) + 2 > MOST - FOR_SIGNS:
            break
        shown = _place(rows, position, partners.get(position, NO_ROW))
        chosen.append(shown)
        taken |= {shown.left, shown.right} - {NO_ROW}
    for flags in rows.signs.values():
        with_sign = [position for position in order if flags[position]]
        if with_sign and not taken.intersection(with_sign) and len(taken) < MOST:
            chosen.append(Shown(with_sign[0], NO_ROW))
            taken.add(with_sign[0])
    return sorted(chosen, key=lambda shown: (-int(rows.scores[shown.left]), shown.left))


def _shuffle(rows: Rows) -> list[int]:
    """All positions in an order that spreads over prompts and questions, and follows from the rows alone."""
    columns = (rows.labels, rows.prompts, rows.questions, rows.samples)
    names = zip(*(column.tolist() for column in columns), strict=True)
    hashes = [zlib.crc32(repr(name).encode()) for name in names]
    return [int(position) for position in np.argsort(np.array(hashes, np.int64), kind="stable")]


def _list_bands(rows: Rows, kind: Kind) -> Iterable[Flags]:
    """The rows of each label and score band."""
    for label in kind.row_labels:
        of_label = rows.labels == label
        for band in BANDS[kind.name]:
            low, high = (NONE, NONE) if band.low is None or band.high is None else (band.low, band.high)
            yield of_label & (rows.scores >= low) & (rows.scores <= high)


def _in_turns(groups: list[list[int]], taken: set[int]) -> Iterable[int]:
    """One position of each group, then a second of each, and so on, without those ``taken`` meanwhile."""
    for group in groups:
        if group and not taken.intersection(group):
            yield group[0]
    for turn in range(MOST):
        for group in groups:
            if turn < len(group) and group[turn] not in taken:
                yield group[turn]


def _find_partners(rows: Rows) -> Mapping[int, int]:
    """For each row, the one of the other label that has its prompt and question."""
    cells: dict[str, dict[Cell, int]] = {"pos": {}, "neg": {}}
    names = zip(rows.prompts.tolist(), rows.questions.tolist(), rows.samples.tolist(), strict=True)
    for position, (label, cell) in enumerate(zip(rows.labels.tolist(), names, strict=True)):
        cells.get(label, {})[cell] = position
    both = cells["pos"].keys() & cells["neg"].keys()
    pairs = {cells["pos"][cell]: cells["neg"][cell] for cell in both}
    return pairs | {right: left for left, right in pairs.items()}


def _place(rows: Rows, position: int, partner: int) -> Shown:
    if partner != NO_ROW and rows.labels[position] == "neg":
        return Shown(partner, position)
    return Shown(position, partner)
