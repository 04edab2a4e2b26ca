"""Answers that are the same or nearly are found with the first of their like, and different ones are not."""

import random
import time

import numpy as np
import pyarrow as pa

from persona_assets.kinds import ROLE, TRAIT
from persona_assets.sample.phrases import SENTENCES
from persona_assets.stages.conversation_signs.repeats import find_first_alike
from persona_assets.stages.conversation_signs.tallies import (
    Repeated,
    find_repeated,
    find_shared_texts,
    rate_by,
    step_scores,
)

WORDS = sorted({word for sentence in SENTENCES for word in sentence.split()})


def find(*answers: str) -> list[int | None]:
    return find_first_alike(pa.array(answers, pa.string()))


def make_answers(count: int, words: int = 200) -> list[str]:
    chance = random.Random(count)
    return [" ".join(f"{chance.choice(WORDS)}{chance.randint(0, 99)}" for _ in range(words)) for _ in range(count)]


def test_equal_answers_have_the_first_of_them_however_short() -> None:
    assert find("Aye.", "No.", "Aye.", "", "No.", "") == [None, None, 0, None, 1, 3]


def test_a_few_changed_words_make_no_other_answer() -> None:
    first, other, third = make_answers(3)
    changed = first.split()
    changed[40] = changed[120] = "changed"
    assert find(first, other, " ".join(changed), third, f"Well. {other}") == [None, None, 0, None, 1]


def test_answers_with_half_in_common_are_different() -> None:
    first, other = make_answers(2)
    half = len(first) // 2
    assert find(first, first[:half] + other[half:]) == [None, None]


def test_scripts_without_spaces_are_compared_too() -> None:
    long = "".join(chr(0x4E00 + place * 7) for place in range(400))
    assert find(long, f"{long}。", long[::-1]) == [None, 0, None]


def test_a_slice_of_a_larger_column_is_compared_alone() -> None:
    answers = make_answers(4)
    column = pa.array([*answers, *answers], pa.string())
    assert find_first_alike(column.slice(3, 3)) == [None, None, None]
    assert find_first_alike(column.slice(2, 5)) == [None, None, None, None, 0]


def test_no_answers_are_none() -> None:
    assert find() == []


def test_time_is_bounded_for_answers_that_are_all_somewhat_alike() -> None:
    [first] = make_answers(1, words=400)
    chance = random.Random(1)
    answers = []
    for _ in range(2400):
        words = first.split()
        for _ in range(40):
            words[chance.randrange(400)] = "changed"
        answers.append(" ".join(words))
    start = time.process_time()
    find(*answers)
    assert time.process_time() - start < 5


def test_an_answer_to_five_questions_is_repeated_and_one_to_a_single_question_is_not() -> None:
    firsts = [None, 0, 0, 0, 0, None, 5, 5, 5, 5]
    questions = ["a", "b", "c", "d", "e", *["f"] * 5]
    assert find_repeated(firsts, questions) == [Repeated(place=0, rows=5, questions=5)]


def test_a_text_of_two_indices_is_named_with_both() -> None:
    assert find_shared_texts({"a": {7, 227}, "b": {1}, "c": {0, 3}}) == [([0, 3], "c"), ([7, 227], "a")]


def test_rates_are_by_group_and_long_scales_by_step() -> None:
    assert rate_by(["b", "a", "b"], np.array([True, False, False])) == {"a": 0.0, "b": 0.5}
    assert step_scores([0, 3, None], ROLE) == ["0", "3", "null"]
    assert step_scores([0, 79, 100], TRAIT) == ["0", "70", "100"]
