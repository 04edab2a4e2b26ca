"""Finding the pairs of a dataset: the same cell asked both ways, or the same question asked of the baseline."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from persona_assets.keys import DatasetKey


@dataclass(frozen=True)
class Row:
    """What matching needs to know of a row."""

    position: int
    label: str
    prompt_index: int
    question_index: int
    sample_index: int
    question: str

    @property
    def cell(self) -> tuple[int, int, int]:
        return self.prompt_index, self.question_index, self.sample_index


@dataclass(frozen=True)
class Matches:
    """The pairs of a dataset as positions of rows, and the positive rows that have no counterpart."""

    pairs: tuple[tuple[int, int], ...]
    """The position of the positive row, and of the negative one."""
    unmatched: tuple[Row, ...]
    """No negative row has the same cell or, against a baseline, the same question."""
    other_question: tuple[Row, ...]
    """The negative row of the cell answers another question."""
    negatives_left: int
    """Negative rows that are in no pair."""


def list_rows(dataset: pa.Table) -> list[Row]:
    """The rows of a dataset, in its order."""
    names = ("label", "prompt_index", "question_index", "sample_index", "question")
    present = set(dataset.column_names)
    columns = [dataset[name].to_pylist() if name in present else [0] * dataset.num_rows for name in names]
    return [Row(position, *values) for position, values in enumerate(zip(*columns, strict=True))]


def match_cells(rows: Sequence[Row], key: DatasetKey) -> Matches:
    """Pair the rows with the trait with those against it: same prompt, question and sample.

    A cell whose two rows ask different texts makes no pair: an index is only as good as the list behind it.
    """
    positive, negative = key.kind.labels
    against = {row.cell: row for row in rows if row.label == negative}
    pairs, unmatched, other = [], [], []
    for row in rows:
        if row.label != positive:
            continue
        found = against.get(row.cell)
        if found is None:
            unmatched.append(row)
        elif found.question != row.question:
            other.append(row)
        else:
            pairs.append((row.position, found.position))
    return Matches(tuple(pairs), tuple(unmatched), tuple(other), len(against) - len(pairs))


def match_questions(rows: Sequence[Row], baseline: Sequence[Row], key: DatasetKey, prompt: int) -> Matches:
    """Pair the rows in the role with the baseline's answers to the same question, under the baseline's ``prompt``.

    One baseline answer may be in several pairs. Of several answers to a text, the one of the same question index and
    the same sample is taken, else the first.
    """
    asked: defaultdict[str, list[Row]] = defaultdict(list)
    for row in baseline:
        if row.prompt_index == prompt:
            asked[row.question].append(row)
    pairs, unmatched = [], []
    for row in rows:
        if row.label != key.kind.labels[0]:
            continue
        if row.question in asked:
            pairs.append((row.position, _closest(row, asked[row.question]).position))
        else:
            unmatched.append(row)
    used = {negative for _, negative in pairs}
    return Matches(tuple(pairs), tuple(unmatched), (), sum(map(len, asked.values())) - len(used))


def _closest(row: Row, answers: Sequence[Row]) -> Row:
    def distance(answer: Row) -> tuple[bool, bool, int, int]:
        return (
            answer.question_index != row.question_index,
            answer.sample_index != row.sample_index,
            answer.question_index,
            answer.sample_index,
        )

    return min(answers, key=distance)
