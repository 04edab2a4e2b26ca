"""Numbers in words: no share looks like a limit that it misses, and nothing is left out without a word."""

import pytest

from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stage.wording import count, name_first, percent, tally
from persona_assets.stages.registry import list_checks


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 60, "0 %"),
        (60, 60, "100 %"),
        (9, 10, "90 %"),
        (1, 3, "33.3 %"),
        (1, 1200, "0.1 %"),
        (1199, 1200, "99.9 %"),
        (2159, 2400, "89.96 %"),
        (121, 2400, "5.04 %"),
        (0, 0, "0 %"),
        (0.9, 1, "90 %"),
    ],
)
def test_a_share_that_is_not_a_whole_percent_never_looks_like_one(part: float, whole: int, expected: str) -> None:
    assert percent(part, whole) == expected


def test_a_sentence_is_one_bounded_line_of_printable_text_whatever_raw_data_it_quotes() -> None:
    quoted = "first: a\nb\x1b[31m\u202e\ud800\0" + "x" * 10_000
    sentence = CheckOutcome(list_checks()[0], passed=False, facts={}, sentence=quoted).sentence
    assert sentence.startswith("first: a b [31m x")
    assert sentence.isprintable()
    assert len(sentence) < 1100


def test_counts_agree_with_their_noun() -> None:
    assert [count(1, "line"), count(0, "line"), count(1200, "line")] == ["1 line", "0 lines", "1,200 lines"]
    assert count(2, "question index", "question indices") == "2 question indices"


def test_a_tally_begins_with_the_most_frequent_and_counts_what_it_does_not_name() -> None:
    counts = {name: number for number, name in enumerate("abcdefg", 1)}
    assert tally(counts) == "7 g, 6 f, 5 e, 4 d, 3 c and 2 more"
    assert tally({"b": 1, "a": 1}) == "1 a, 1 b"
    assert name_first([], 0) == ""
