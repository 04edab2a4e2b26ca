"""Rules choose the pairs that upstream's scripts choose, and never one of which a score is not known."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_assets.errors import SettingsError
from persona_assets.pair_rules import DEFAULT_RULES
from persona_assets.pairs.index import INDEX_SCHEMA
from persona_assets.pairs.rules import PairRule, find_rule

SCORES = st.none() | st.sampled_from([0.0, 3.0, 49.9, 50.0, 50.1, 95.37, 100.0])
COHERENCES = st.none() | st.sampled_from([0.0, 49.9, 50.0, 100.0])


def index_of(scores: list[tuple[float | None, ...]], kind: str = "trait") -> pa.Table:
    """Pairs with the given positive and negative score and, if given, coherences; numbered by the positive row."""
    rows = []
    for place, (positive, negative, *coherences) in enumerate(scores):
        both = coherences or [None, None]
        row: dict[str, Any] = {
            field.name: 0 if pa.types.is_integer(field.type) else "-" for field in INDEX_SCHEMA if not field.nullable
        }
        row |= {"kind": kind, "positive_row": place, "positive_score": positive, "negative_score": negative}
        row |= {"positive_coherence": both[0], "negative_coherence": both[1]}
        row["gap"] = None if None in (positive, negative) else positive - negative  # type: ignore[operator]
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=INDEX_SCHEMA)


def chosen(rule: str, index: pa.Table) -> list[int]:
    places: list[int] = find_rule(rule, DEFAULT_RULES).choose(index)["positive_row"].to_pylist()
    return places


@given(st.lists(st.tuples(SCORES, SCORES), max_size=6))
def test_gap50_keeps_what_is_more_than_fifty_apart(scores: list[tuple[float | None, ...]]) -> None:
    expected = [
        place for place, (pos, neg) in enumerate(scores) if pos is not None and neg is not None and pos - neg > 50
    ]
    assert chosen("gap50", index_of(scores)) == expected


@given(st.lists(st.tuples(SCORES, SCORES, COHERENCES, COHERENCES), max_size=6))
def test_pv50_keeps_what_persona_vectors_keeps(scores: list[tuple[float | None, ...]]) -> None:
    expected = [
        place
        for place, (pos, neg, *both) in enumerate(scores)
        if pos is not None and neg is not None and pos >= 50 and neg < 50
        if all(coherence is None or coherence >= 50 for coherence in both)
    ]
    assert chosen("pv50", index_of(scores)) == expected


def test_role3_keeps_roles_in_full_character_though_no_judge_has_seen_the_baseline() -> None:
    scores: list[tuple[float | None, ...]] = [(3.0, None), (2.0, None), (None, None), (3.0, 0.0)]
    assert chosen("role3", index_of(scores, "role")) == [0, 3]
    assert chosen("role3", index_of(scores, "trait")) == []


@pytest.mark.parametrize("condition", ["not (gap > 50)", "gap <= 50", "gap <> 50", "gap > 50 or gap <= 50"])
def test_neither_a_condition_nor_its_opposite_chooses_a_pair_without_a_gap(condition: str) -> None:
    assert 0 not in chosen(condition, index_of([(90.0, None), (90.0, 10.0)]))


def test_any_condition_over_the_columns_is_a_rule() -> None:
    index = index_of([(90.0, 10.0), (60.0, 20.0), (40.0, 0.0)])
    assert chosen("positive_score >= 50 and gap between 30 and 60", index) == [1]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("gap >", "syntax error"),
        ("gapp > 50", r"Referenced column \"gapp\" not found.*Candidate bindings: \"gap\""),
        ("gap", "is no condition; write a comparison over these columns: dataset, model"),
        ("count(*) > 0", "is no condition|aggregate"),
        ("exists (from read_text('/etc/passwd'))", "file system operations are disabled"),
        ("gap > 50; select 1", "syntax error"),
    ],
)
def test_what_is_no_condition_over_them_is_refused_with_the_reason(condition: str, message: str) -> None:
    with pytest.raises(SettingsError, match=f"(?s)pair rule.*{message}"):
        PairRule("mine", condition).check()
