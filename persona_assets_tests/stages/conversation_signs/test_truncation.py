"""Cut answers are found where a limit was planted, and nothing is claimed where none was."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pytest

from persona_assets.statistics.endings import breaks_off
from persona_assets.statistics.truncation import Truncated, Truncation, find_truncated


@dataclass(frozen=True)
class Made:
    """Answers of one word a token, and which of them were cut."""

    prompts: list[int]
    answers: list[str]
    cut: list[bool]

    def judge(self, finish_reasons: Sequence[str | None] | None = None, jitter: int = 0) -> Truncation:
        """As they are counted again, each answer may be longer or shorter by ``jitter``."""
        chance = random.Random(1)
        lengths = [len(answer.split()) + chance.randint(-jitter, jitter) for answer in self.answers]
        totals = [prompt + length for prompt, length in zip(self.prompts, lengths, strict=True)]
        counts: dict[str, list[int | None]] = {"assistant_tokens": [*lengths], "tokens": [*totals]}
        return find_truncated(counts, pa.array(self.answers, pa.string()), finish_reasons)


def make(rows: int, answer: int | None = None, both: int | None = None, usual: int = 350) -> Made:
    chance = random.Random(rows)
    made = Made([], [], [])
    for _ in range(rows):
        prompt = chance.randint(20, 60)
        length = max(5, int(chance.lognormvariate(0, 0.38) * usual))
        limit = min(answer or length, both - prompt if both else length)
        words = [chance.choice(("sea", "ship", "sail,", "storm.", "and", "gold")) for _ in range(length - 1)]
        made.prompts.append(prompt)
        made.answers.append(" ".join([*words, "Arr!"][:limit]))
        made.cut.append(length > limit)
    return made


def share(found: Truncation, cut: Sequence[bool], of_cut: bool) -> float:
    chosen = [one is Truncated.YES for one, was_cut in zip(found.rows, cut, strict=True) if was_cut is of_cut]
    return sum(chosen) / len(chosen)


@pytest.mark.parametrize("jitter", [0, 1])
@pytest.mark.parametrize(
    ("answer", "both", "measure", "cap"), [(512, None, "assistant_tokens", 512), (None, 640, "tokens", 640)]
)
def test_a_planted_limit_is_found_with_what_was_cut_at_it(
    answer: int | None, both: int | None, measure: str, cap: int, jitter: int
) -> None:
    made = make(1200, answer, both)
    found = made.judge(jitter=jitter)
    assert found.measure == measure
    assert abs((found.cap or 0) - cap) <= 1
    assert share(found, made.cut, of_cut=True) >= 0.95
    assert share(found, made.cut, of_cut=False) <= 0.02
    assert Truncated.UNKNOWN not in found.rows


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(make(1200), id="no limit"),
        pytest.param(make(60, answer=300), id="a small key"),
        pytest.param(make(1200, answer=1000), id="a limit that hardly an answer reaches"),
    ],
)
def test_where_the_lengths_do_not_tell_all_is_unknown(made: Made) -> None:
    assert made.judge() == Truncation([Truncated.UNKNOWN] * len(made.answers), None, None)


def test_answers_that_are_equally_long_because_they_are_equal_show_no_limit() -> None:
    made = make(400)
    longest = " ".join(["word"] * 2000)
    again = Made([*made.prompts, *[30] * 50], [*made.answers, *[longest] * 50], [])
    assert again.judge().cap is None


def test_answers_that_are_equally_long_but_whole_show_no_limit() -> None:
    made = make(400)
    whole = [f"{'word ' * 1998}number {place}." for place in range(50)]
    assert Made([*made.prompts, *[30] * 50], [*made.answers, *whole], []).judge().cap is None


@pytest.mark.parametrize(
    ("reason", "truncated"),
    [
        ("length", Truncated.YES),
        ("max_tokens", Truncated.YES),
        ("stop", Truncated.NO),
        ("EOS", Truncated.NO),
        ("abort", Truncated.UNKNOWN),
    ],
)
def test_what_the_generator_recorded_is_what_counts(reason: str, truncated: Truncated) -> None:
    made = make(200, answer=300)
    assert set(made.judge([reason] * 200).rows) == {truncated}


def test_rows_without_a_recorded_reason_are_judged_by_length() -> None:
    made = make(600, answer=300)
    found = made.judge(["length", *[None] * 599])
    assert found.rows[0] is Truncated.YES
    assert found.rows[1:] == made.judge().rows[1:]


def test_a_row_without_counts_is_unknown_and_the_others_are_judged() -> None:
    made = make(600, answer=300)
    lengths = [len(answer.split()) for answer in made.answers]
    counts: dict[str, list[int | None]] = {"assistant_tokens": [None, *lengths[1:]], "tokens": [None, *lengths[1:]]}
    found = find_truncated(counts, pa.array(made.answers, pa.string()))
    assert found.rows[0] is Truncated.UNKNOWN
    assert found.rows[1:] == made.judge().rows[1:]


@pytest.mark.parametrize(
    "text",
    [
        "The sea is a harsh",
        "First, the crew must",
        "He said:",
        "* **Respect boundaries:**",
        "1. Sail.\n2.",
        "Reasons:\n* one\n*",
        "```python\nprint(1)",
    ],
)
def test_a_text_that_breaks_off_is_seen(text: str) -> None:
    assert breaks_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "The sea is harsh.",
        "Is it? \n",
        'He said "go!"',
        "**Good luck.** ",
        "```python\nprint(1)\n```",
        "Fair winds 😀",
        "❤️",
        "人生は旅である。",
        "الصبر مفتاح الفرج؟",
        "",
    ],
)
def test_a_whole_text_does_not(text: str) -> None:
    assert not breaks_off(text)
