"""The histogram knows of each row whether its answer was cut off, as the signs say it."""

import pyarrow as pa
import pytest

from persona_assets.stages.histogram.cuts import find_cuts


def dataset(answers: list[str], reasons: list[str] | None = None) -> pa.Table:
    messages = [[{"role": "user", "content": "why?"}, {"role": "assistant", "content": answer}] for answer in answers]
    return pa.table({"messages": messages} | ({"finish_reason": reasons} if reasons else {}))


def counts(lengths: list[int]) -> pa.Table:
    return pa.table({"assistant_tokens": lengths, "tokens": [30 + place + n for place, n in enumerate(lengths)]})


def test_answers_that_break_off_where_the_longest_gather_are_cut() -> None:
    lengths = [*range(50, 250), *[300] * 40]
    answers = [
        f"{place} is all there is to say." if n < 300 else f"{place} and then" for place, n in enumerate(lengths)
    ]
    found = find_cuts(dataset(answers), counts(lengths))
    assert (found.measure, found.cap) == ("assistant_tokens", 300)
    assert [str(row) for row in found.rows] == ["no"] * 200 + ["yes"] * 40


def test_the_generators_own_word_counts_and_then_no_limit_is_claimed() -> None:
    found = find_cuts(dataset(["one.", "two"], ["stop", "length"]), counts([5, 9]))
    assert ([str(row) for row in found.rows], found.cap) == (["no", "yes"], None)


@pytest.mark.parametrize("chunks", [1, 3])
def test_the_last_message_is_the_answer_however_the_dataset_is_stored(chunks: int) -> None:
    answers = [f"{place} and then" for place in range(240)]
    whole = dataset(answers)
    stored = pa.concat_tables([whole.slice(place * 80, 80) for place in range(3)]) if chunks == 3 else whole
    found = find_cuts(stored, counts([*range(50, 250), *[300] * 40]))
    assert [str(row) for row in found.rows].count("yes") == 40


def test_a_dataset_without_rows_has_no_cuts() -> None:
    empty = dataset(["x"]).slice(0, 0)
    assert list(find_cuts(empty, counts([1]).slice(0, 0)).rows) == []
