"""The conditions of a recipe: which rows or pairs meet them, and which condition left out each of the others."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.pairs.index import SIDES
from persona_assets.pairs.rules import PairRule
from persona_assets.predicates import mark_rows
from persona_assets.training.hashing import Integers
from persona_assets.training.tally import Tally
from persona_assets.training_recipes import Recipe

Marks = npt.NDArray[np.bool_]
Reasons = Iterator[tuple[str, Marks]]


def select_rows(rows: pa.Table, recipe: Recipe, origin: str) -> tuple[Marks, Tally]:
    """The rows that meet the recipe's conditions. ``rows`` has the columns of datasets, counts and signs.

    Raises:
        SettingsError: ``where`` is no condition over the columns; it names ``origin``.
    """
    return _apply(rows.num_rows, [*_list_score_reasons(rows, recipe), *_list_row_reasons(rows, recipe, origin)])


def select_pairs(
    index: pa.Table,
    rows: pa.Table,
    sides: Sequence[Integers],
    recipe: Recipe,
    rule: PairRule,
    origin: str,
) -> tuple[Marks, Tally]:
    """The pairs of ``index`` that meet the rule, and whose two rows meet the other conditions.

    ``sides`` has the places in ``rows`` of the positive and of the negative row of each pair.
    """
    met = _as_marks(mark_rows(index, rule.predicate, rule.origin))
    reasons = [("rule_not_met", ~met)]
    for name, left_out in _list_row_reasons(rows, recipe, origin):
        reasons.append((name, np.logical_or.reduce([left_out[places] for places in sides])))
    assert len(sides) == len(SIDES)
    return _apply(index.num_rows, reasons)


def _list_score_reasons(rows: pa.Table, recipe: Recipe) -> Reasons:
    scores = rows["extract_score"]
    if recipe.label is not None:
        yield "other_label", ~_as_marks(pc.equal(rows["label"], recipe.label))
    if (recipe.min_score, recipe.max_score, recipe.desirable_score) != (None, None, None):
        yield "no_score", _as_marks(scores.is_null())
    if recipe.min_score is not None:
        yield "score_too_low", _as_marks(pc.less(scores, recipe.min_score))
    if recipe.max_score is not None:
        yield "score_too_high", _as_marks(pc.greater(scores, recipe.max_score))


def _list_row_reasons(rows: pa.Table, recipe: Recipe, origin: str) -> Reasons:
    if recipe.no_refusals:
        yield "refusal", _as_marks(pc.equal(rows["score_status"], "refusal"))
    if recipe.whole_answers:
        yield "cut_off", _as_marks(pc.equal(rows["truncated"], "yes"))
    if recipe.where is not None:
        yield "where_not_met", ~_as_marks(mark_rows(rows, recipe.where, origin))
    yield "not_counted", _as_marks(rows["assistant_tokens"].is_null())


def _apply(candidates: int, reasons: Sequence[tuple[str, Marks]]) -> tuple[Marks, Tally]:
    left, tally = np.ones(candidates, bool), Tally(candidates)
    for name, applies in reasons:
        tally.left_out[name] += int(np.count_nonzero(left & applies))
        left &= ~applies
    return left, tally


def _as_marks(values: pa.Array | pa.ChunkedArray) -> Marks:
    """A null is false."""
    filled = pc.fill_null(values, False)
    marks: Marks = filled.to_numpy() if isinstance(filled, pa.ChunkedArray) else filled.to_numpy(zero_copy_only=False)
    return marks
