"""Splits and the order of candidates: by chance, always the same, balanced, and whatever the order of the rows."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_assets.question_splits import normalise, split_of
from persona_assets.training.hashing import hash_text, mix
from persona_assets.training.ordering import Candidates, order_candidates

CELLS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 11), st.integers(0, 2**64 - 1)),
    min_size=1,
    max_size=120,
    unique_by=lambda cell: cell[2],
)
SPLITS = {"train": 0.8, "validation": 0.1, "test": 0.1}


def of(cells: list[tuple[int, int, int]]) -> Candidates:
    personas, questions, chances = zip(*cells, strict=True)
    return Candidates(np.array(personas), np.array(questions), np.array(chances, np.uint64))


def ordered(cells: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    return [cells[place] for place in order_candidates(of(cells))]


@given(CELLS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference(cells: list[tuple[int, int, int]], chance: object) -> None:
    shuffled = list(cells)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ordered(shuffled) == ordered(cells)


@given(CELLS)
def test_every_candidate_is_taken_once(cells: list[tuple[int, int, int]]) -> None:
    assert sorted(ordered(cells)) == sorted(cells)


@given(CELLS)
def test_at_every_point_personas_are_balanced(cells: list[tuple[int, int, int]]) -> None:
    left = Counter(persona for persona, _, _ in cells)
    taken = Counter(dict.fromkeys(left, 0))
    for persona, _, _ in ordered(cells):
        assert all(taken[persona] <= taken[other] for other in left if taken[other] < left[other])
        taken[persona] += 1


@given(CELLS)
def test_no_persona_answers_a_question_again_before_all_of_its_others(cells: list[tuple[int, int, int]]) -> None:
    left = Counter((persona, question) for persona, question, _ in cells)
    taken = Counter(dict.fromkeys(left, 0))
    for persona, question, _ in ordered(cells):
        others = [cell for cell in left if cell[0] == persona and taken[cell] < left[cell]]
        assert all(taken[persona, question] <= taken[other] for other in others)
        taken[persona, question] += 1


@pytest.mark.parametrize(("personas", "questions"), [(4, 40), (40, 4), (7, 7), (30, 240), (1, 5)])
def test_over_a_full_grid_questions_are_spread_evenly(personas: int, questions: int) -> None:
    cells = [(*cell, number * 977) for number, cell in enumerate(product(range(personas), range(questions)))]
    order = ordered(cells)
    for rounds in range(1, questions + 1):
        counts = Counter(question for _, question, _ in order[: rounds * personas])
        assert max(counts.values()) - min(counts[question] for question in range(questions)) <= 1


def test_the_split_of_a_question_depends_on_its_text_alone() -> None:
    assert split_of("Why  is the SKY blue?\n", 1, SPLITS) == split_of("why is the sky blue?", 1, SPLITS)
    assert normalise("\ufb01ne caf\u00e9") == normalise("FINE  cafe\u0301")


@given(st.text(), st.integers(0, 100))
def test_every_question_has_one_split(text: str, seed: int) -> None:
    assert split_of(text, seed, SPLITS) in SPLITS


def test_the_shares_of_many_questions_are_those_asked_for() -> None:
    counts = Counter(split_of(f"question {number}", 0, SPLITS) for number in range(10_000))
    for split, share in SPLITS.items():
        assert abs(counts[split] / 10_000 - share) < 0.02


def test_no_two_lists_of_parts_are_one_text() -> None:
    assert hash_text(0, "a", "b") != hash_text(0, "ab") != hash_text(0, "a\n1:b")
    assert hash_text(0, "a") != hash_text(1, "a")


def test_mixing_is_splitmix() -> None:
    """The first values of the generator with seed 0, as published with it."""
    state, values = 0, []
    for _ in range(3):
        values.append(int(mix(np.array([0], np.uint64), np.array([state]))[0]))
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        state = state - 2**64 if state >= 2**63 else state
    assert values == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
