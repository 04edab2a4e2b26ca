"""Building the index of a dataset's pairs from its rows, and joining the texts to chosen pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.keys import DatasetKey
from persona_assets.pairs.index import INDEX_SCHEMA, SIDES
from persona_assets.pairs.matching import Matches, Row, list_rows, match_cells, match_questions


@dataclass(frozen=True)
class Side:
    """A dataset that gives one side of pairs, and the token counts of its rows."""

    key: DatasetKey
    dataset: pa.Table
    counts: pa.Table

    @cached_property
    def rows(self) -> list[Row]:
        return list_rows(self.dataset)


@dataclass(frozen=True)
class Pairing:
    """The index, and what could not be paired."""

    index: pa.Table
    """Of ``INDEX_SCHEMA``."""
    matches: Matches


def pair_own_rows(side: Side) -> Pairing:
    """The pairs within a dataset that holds both labels."""
    matches = match_cells(side.rows, side.key)
    return Pairing(_build(side, side, matches.pairs), matches)


def pair_with_baseline(side: Side, baseline: Side, prompt: int) -> Pairing:
    """The pairs of a dataset with the answers of a baseline under its ``prompt``."""
    matches = match_questions(side.rows, baseline.rows, side.key, prompt)
    return Pairing(_build(side, baseline, matches.pairs), matches)


def without_pairs(key: DatasetKey, rows: Sequence[Row]) -> Pairing:
    """Of a dataset that has nothing to be paired with."""
    unmatched = tuple(row for row in rows if row.label == key.kind.labels[0])
    return Pairing(INDEX_SCHEMA.empty_table(), Matches((), unmatched, (), 0))


def _build(positive: Side, negative: Side, pairs: Sequence[tuple[int, int]]) -> pa.Table:
    places = {side: pa.array([pair[number] for pair in pairs], pa.int64()) for number, side in enumerate(SIDES)}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        name: pa.repeat(value, len(pairs))
        for name, value in {
            "dataset": str(positive.key),
            "model": positive.key.model,
            "kind": positive.key.kind.name,
            "persona": positive.key.persona,
        }.items()
    }
    columns["question"] = positive.dataset["question"].take(places["positive"])
    for name, side in zip(SIDES, (positive, negative), strict=True):
        columns |= {f"{name}_{column}": values for column, values in _describe(side, places[name]).items()}
    judged = any("coherence" in side.dataset.column_names for side in (positive, negative))
    columns["coherence_judged"] = pa.repeat(judged, len(pairs))
    columns["gap"] = pc.subtract(columns["positive_score"], columns["negative_score"])
    return pa.table(columns).select(INDEX_SCHEMA.names).cast(INDEX_SCHEMA)


def _describe(side: Side, places: pa.Array) -> Mapping[str, pa.Array | pa.ChunkedArray]:
    """What the index says of the rows of one side."""
    taken = side.dataset.drop_columns(["messages"]).take(places)
    present = set(taken.column_names)
    nothing = pa.nulls(len(places), pa.float64())
    return {
        "dataset": pa.repeat(str(side.key), len(places)),
        "row": places,
        "label": taken["label"],
        "prompt_index": taken["prompt_index"],
        "question_index": taken["question_index"],
        "sample_index": taken["sample_index"] if "sample_index" in present else pa.repeat(0, len(places)),
        "score": taken["exact_score" if "exact_score" in present else "extract_score"].cast(pa.float64()),
        "coherence": taken["coherence"] if "coherence" in present else nothing,
        "answer_tokens": side.counts["assistant_tokens"].take(places),
    }
