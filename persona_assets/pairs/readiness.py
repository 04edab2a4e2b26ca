"""Whether a key has enough pairs for a steering vector: rows, answer tokens, and what is missing."""

from collections.abc import Iterator, Sequence

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.pairs.index import SIDES
from persona_assets.pairs.rules import PairRule


class Coverage(msgspec.Struct, frozen=True):
    """What could be paired of a key."""

    pairs: int
    """Whatever their scores."""
    unmatched: int
    """Rows with the persona that have no counterpart, or one that answers another question."""
    baseline: str | None
    """The key whose rows are the other side; None if that is the key itself, or if there is none."""


class Minimum(msgspec.Struct, frozen=True):
    """From when a key is ready."""

    pairs: int
    answer_tokens: int


class Readiness(msgspec.Struct, frozen=True):
    """What one rule keeps of the pairs of a key, and whether that is enough."""

    pairs: int
    answer_tokens: int
    """Of both sides; a baseline's answer counts once, however many pairs it is in."""
    uncounted: int
    """Answers whose tokens the chat template refused to count."""
    ready: bool
    problem: str
    """Why it is not ready; empty if it is."""


def assess(index: pa.Table, rules: Sequence[PairRule], minimum: Minimum) -> dict[str, dict[str, Readiness]]:
    """By dataset of ``index``, then by rule. A rule that keeps no pair of a dataset has no entry there.

    Raises:
        SettingsError: a rule is not a condition over the columns of the index.
    """
    found: dict[str, dict[str, Readiness]] = {}
    for rule in rules:
        for dataset, readiness in _assess_rule(rule.choose(index), minimum):
            found.setdefault(dataset, {})[rule.name] = readiness
    return found


def none_kept(minimum: Minimum) -> Readiness:
    """Of a key of which a rule keeps nothing."""
    return Readiness(0, 0, 0, ready=False, problem=_find_problem(0, 0, minimum))


def _assess_rule(kept: pa.Table, minimum: Minimum) -> Iterator[tuple[str, Readiness]]:
    pairs = dict(_count_rows(kept, "dataset"))
    tokens: dict[str, int] = dict.fromkeys(pairs, 0)
    uncounted: dict[str, int] = dict.fromkeys(pairs, 0)
    for side in SIDES:
        for dataset, total, missing in _sum_answers(kept, side):
            tokens[dataset] += total
            uncounted[dataset] += missing
    for dataset, number in pairs.items():
        problem = _find_problem(number, tokens[dataset], minimum)
        yield dataset, Readiness(number, tokens[dataset], uncounted[dataset], not problem, problem)


def _count_rows(table: pa.Table, column: str) -> Iterator[tuple[str, int]]:
    for entry in pc.value_counts(table[column]).to_pylist():
        yield entry["values"], entry["counts"]


def _sum_answers(kept: pa.Table, side: str) -> Iterator[tuple[str, int, int]]:
    """The tokens of the answers of one side, each answer once, and how many have no count."""
    names = ["dataset", f"{side}_dataset", f"{side}_row", f"{side}_answer_tokens"]
    answers = kept.select(names).group_by(names, use_threads=False).aggregate([])
    wanted = [(names[-1], "sum"), (names[-1], "count"), ([], "count_all")]
    for row in answers.group_by("dataset", use_threads=False).aggregate(wanted).to_pylist():
        yield row["dataset"], row[f"{names[-1]}_sum"] or 0, row["count_all"] - row[f"{names[-1]}_count"]


def _find_problem(pairs: int, tokens: int, minimum: Minimum) -> str:
    short = []
    if pairs < minimum.pairs:
        short.append(f"{pairs:,} of {minimum.pairs:,} pairs")
    if tokens < minimum.answer_tokens:
        short.append(f"{tokens:,} of {minimum.answer_tokens:,} answer tokens")
    return " and ".join(short)
