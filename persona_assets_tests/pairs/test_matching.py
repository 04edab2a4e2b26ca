"""Which rows go with which: never another question, never a row that is not there, never one twice."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_assets.keys import DatasetKey
from persona_assets.pairs.building import Side, pair_own_rows, pair_with_baseline
from persona_assets.pairs.index import INDEX_SCHEMA
from persona_assets_tests.pairs.pair_rows import BASELINE, ROLE, TRAIT, Row, counts, dataset, row


def side(key: str, rows: list[Row]) -> Side:
    return Side(DatasetKey.parse(key), dataset(rows), counts(rows))


def pairs_of_trait(rows: list[Row]) -> list[Row]:
    pairs: list[Row] = pair_own_rows(side(TRAIT, rows)).index.to_pylist()
    return pairs


def pairs_of_role(rows: list[Row], baseline: list[Row], prompt: int = 0) -> list[Row]:
    pairs: list[Row] = pair_with_baseline(side(ROLE, rows), side(BASELINE, baseline), prompt).index.to_pylist()
    return pairs


def places(pairs: list[Row]) -> list[tuple[int, int]]:
    return [(pair["positive_row"], pair["negative_row"]) for pair in pairs]


def test_the_same_cell_of_both_labels_is_a_pair_whatever_the_order_of_the_rows() -> None:
    rows = [row("neg", 1, 0), row("pos", 0, 0), row("pos", 1, 0), row("neg", 0, 1), row("neg", 0, 0)]
    assert places(pairs_of_trait(rows)) == [(1, 4), (2, 0)]


def test_several_samples_are_paired_sample_by_sample() -> None:
    rows = [row(label, 0, 0, sample_index=sample) for sample in (2, 0, 1) for label in ("pos", "neg")]
    assert places(pairs_of_trait(rows)) == [(0, 1), (2, 3), (4, 5)]


def test_a_cell_whose_rows_answer_different_questions_is_no_pair_and_is_counted() -> None:
    rows = [row("pos", 0, 0, "Why?"), row("neg", 0, 0, "How?"), row("pos", 0, 1), row("neg", 0, 1)]
    pairing = pair_own_rows(side(TRAIT, rows))
    assert places(pairing.index.to_pylist()) == [(2, 3)]
    assert [one.position for one in pairing.matches.other_question] == [0]


def test_rows_without_the_trait_are_on_neither_side() -> None:
    rows = [row("default", 0, 0), row("pos", 0, 0), row("neg", 0, 0)]
    assert places(pairs_of_trait(rows)) == [(1, 2)]


def test_rows_without_a_counterpart_are_counted_on_both_sides() -> None:
    rows = [row("pos", 0, 0), row("pos", 0, 1), row("neg", 0, 1), row("neg", 0, 2), row("neg", 0, 3)]
    matches = pair_own_rows(side(TRAIT, rows)).matches
    assert [one.question_index for one in matches.unmatched] == [0]
    assert matches.negatives_left == 2


def test_a_role_is_paired_with_the_baselines_answer_to_the_same_text_under_one_prompt() -> None:
    baseline = [row("default", 1, 0), row("default", 0, 1), row("default", 0, 0)]
    rows = [row("pos", 3, 0), row("pos", 4, 0), row("pos", 3, 1), row("pos", 3, 2)]
    assert places(pairs_of_role(rows, baseline)) == [(0, 2), (1, 2), (2, 1)]
    assert places(pairs_of_role(rows, baseline, prompt=1)) == [(0, 0), (1, 0)]


def test_it_is_the_text_that_counts_not_the_index() -> None:
    baseline = [row("default", 0, 0, "How?"), row("default", 0, 1, "Why?")]
    assert places(pairs_of_role([row("pos", 0, 0, "Why?")], baseline)) == [(0, 1)]


def test_of_a_text_that_was_asked_twice_the_answer_of_the_same_index_and_sample_is_taken_else_the_first() -> None:
    baseline = [row("default", 0, question, "Why?", sample_index=sample) for question in (7, 3) for sample in (1, 0)]
    rows = [
        row("pos", 0, 7, "Why?", sample_index=1),
        row("pos", 0, 7, "Why?", sample_index=5),
        row("pos", 0, 9, "Why?", sample_index=1),
    ]
    assert places(pairs_of_role(rows, baseline)) == [(0, 0), (1, 1), (2, 2)]


def test_the_index_says_of_both_sides_what_their_datasets_say() -> None:
    rows = [
        row("pos", 2, 5, extract_score=95, exact_score=95.37, coherence=88.0, sample_index=1),
        row("neg", 2, 5, extract_score=45, exact_score=45.2, coherence=None, sample_index=1),
    ]
    [pair] = pairs_of_trait(rows)
    assert pair.pop("gap") == pytest.approx(50.17)
    assert pair == {
        **{"dataset": TRAIT, "model": "qwen-3-32b", "kind": "trait", "persona": "calm", "question": "Question 5?"},
        **{"positive_dataset": TRAIT, "positive_row": 0, "positive_label": "pos", "positive_prompt_index": 2},
        **{"positive_question_index": 5, "positive_sample_index": 1, "positive_score": 95.37},
        **{"positive_coherence": 88.0, "positive_answer_tokens": 0},
        **{"negative_dataset": TRAIT, "negative_row": 1, "negative_label": "neg", "negative_prompt_index": 2},
        **{"negative_question_index": 5, "negative_sample_index": 1, "negative_score": 45.2},
        **{"negative_coherence": None, "negative_answer_tokens": 1},
    }


def test_a_score_that_is_not_there_leaves_the_gap_open() -> None:
    [pair] = pairs_of_trait([row("pos", 0, 0, extract_score=90), row("neg", 0, 0)])
    assert (pair["positive_score"], pair["negative_score"], pair["gap"]) == (90.0, None, None)


@pytest.mark.parametrize("rows", [[], [row("neg", 0, 0)]])
def test_without_pairs_the_index_has_its_columns_all_the_same(rows: list[Row]) -> None:
    empty = dataset([row("pos", 0, 0)]).slice(0, 0)
    table = pair_own_rows(Side(DatasetKey.parse(TRAIT), dataset(rows) if rows else empty, counts(rows))).index
    assert table.schema.equals(INDEX_SCHEMA)
    assert table.num_rows == 0


CELLS = st.sets(
    st.tuples(st.sampled_from(["pos", "neg", "default"]), st.integers(0, 2), st.integers(0, 3)), min_size=1
)


@given(cells=CELLS, texts=st.lists(st.sampled_from(["Why?", "How?"]), min_size=36, max_size=36), data=st.data())
def test_no_pair_ever_has_two_questions_or_a_row_that_another_has(
    cells: set[tuple[str, int, int]], texts: list[str], data: Any
) -> None:
    ordered = data.draw(st.permutations(sorted(cells)))
    rows = [
        row(label, prompt, question, text) for (label, prompt, question), text in zip(ordered, texts, strict=False)
    ]
    pairs = places(pairs_of_trait(rows))
    expected = {
        (place, other)
        for place, one in enumerate(rows)
        for other, against in enumerate(rows)
        if (one["label"], against["label"]) == ("pos", "neg")
        and all(one[name] == against[name] for name in ("prompt_index", "question_index", "question"))
    }
    assert set(pairs) == expected
    for column in zip(*pairs, strict=True):
        assert max(Counter(column).values()) == 1
