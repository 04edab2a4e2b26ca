"""Rows that contradict other rows of their file: which are kept, and what is said of each that is not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from persona_assets.errors import RawDataError
from persona_assets.kinds import ROLE, TRAIT
from persona_assets.raw.consistency import contradictions, out_of_order
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.rows import ChatMessage, Identity, Note, RawRow, Reason, Rejection
from persona_assets_tests.raw.reading import (
    ASSISTANT,
    TRAIT_KEY,
    USER,
    Read,
    line,
    read_content,
)

OTHER_ANSWER = {"conversation": [USER, ASSISTANT | {"content": "Therefore."}]}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def row(
    index: int = 0, question: str = "Why?", label: str = "pos", prompt: int = 0, answer: str = "Because."
) -> RawRow:
    messages = [ChatMessage("user", question), ChatMessage("assistant", answer)]
    return RawRow("You are an alien.", label, prompt, messages, index, question)


def short(index: int = 0, answer: str = "b") -> bytes:
    """A faultless row that is shorter than an excerpt."""
    messages = [{"role": "user", "content": ""}, {"role": "assistant", "content": answer}]
    raw = line(index, system_prompt="", question="", conversation=messages)
    assert len(raw) < 200
    return raw


def entries(content: bytes, rejections: Sequence[tuple[int, Reason, str]]) -> list[QuarantinedLine]:
    """What must be said of the lines with these numbers, taken from the file's bytes alone."""
    lines = content.splitlines(keepends=True)
    found = []
    for number, reason, detail in rejections:
        raw = lines[number - 1]
        offset = sum(len(earlier) for earlier in lines[: number - 1])
        assert content[offset : offset + len(raw)] == raw
        text = raw.removeprefix(BYTE_ORDER_MARK).rstrip(b"\r\n")
        excerpt = text[:200].decode(errors="backslashreplace")
        found.append(QuarantinedLine(number, offset, len(raw), reason, detail, excerpt))
    return found


def equal(name: str) -> str:
    return f"an equal row for {name} comes earlier"


def differ(count: int, name: str) -> str:
    return f"{count} different rows claim to be {name}"


def mismatch(index: int, usual: str, here: str) -> str:
    return f"question_index {index} is {usual!r} in other rows of the file, here it is {here!r}"


# Equal rows


def test_of_equal_rows_the_first_is_kept_and_every_later_one_is_named(read: Read) -> None:
    content = b"\n".join([line(1), line(2), line(1), line(3), line(1), line(3)]) + b"\n"
    outcome = read(content)
    assert (outcome.questions, outcome.raw.lines) == ([1, 2, 3], [1, 2, 4])
    assert outcome.counts == (6, 3, {Reason.EXACT_DUPLICATE: 3})
    assert outcome.quarantined == entries(
        content,
        [
            (3, Reason.EXACT_DUPLICATE, equal("pos_p0_q1")),
            (5, Reason.EXACT_DUPLICATE, equal("pos_p0_q1")),
            (6, Reason.EXACT_DUPLICATE, equal("pos_p0_q3")),
        ],
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (line(1), line(1).replace(b": ", b" :  ")),
        (line(1), line(1).replace(b"Because.", rb"\u0042ecause.")),
        (line(1), line(1, model="gemma")),
        (line(1, model="gemma"), line(1, model="qwen")),
        (line(1, label="default"), line(1, label="neutral")),
        (line(1, label="neutral"), line(1, label="default")),
        (line(1), line(1, prompt_index=...)),
        (line(1, prompt_index=...), line(1)),
    ],
)
def test_rows_are_equal_when_they_mean_the_same_however_they_are_written(
    first: bytes, second: bytes, read: Read
) -> None:
    content = first + b"\n" + second + b"\n"
    outcome = read(content)
    label = outcome.raw.rows[0].label
    assert (outcome.questions, outcome.raw.lines) == ([1], [1])
    assert outcome.counts == (2, 1, {Reason.EXACT_DUPLICATE: 1})
    assert outcome.quarantined == entries(content, [(2, Reason.EXACT_DUPLICATE, equal(f"{label}_p0_q1"))])


def test_what_is_unusual_about_a_duplicate_is_not_noted(read: Read) -> None:
    content = b"\n".join([line(1), line(1, prompt_index=..., model="gemma"), line(2, prompt_index=...)])
    ledger = read(content).raw.ledger
    assert (dict(ledger.notes), dict(ledger.extra_fields)) == ({Note.LEGACY_PROMPT_INDEX: 1}, {})


# Different rows of one identity


@pytest.mark.parametrize(
    "change",
    [
        OTHER_ANSWER,
        {"system_prompt": "You are another."},
        {"conversation": [{"role": "system", "content": "x"}, USER, ASSISTANT]},
        {"conversation": [USER, ASSISTANT | {"content": "Because. "}]},
    ],
)
def test_of_different_rows_of_one_identity_none_is_kept(change: dict[str, Any], read: Read) -> None:
    content = b"\n".join([line(1), line(2), line(1, **change), line(3)]) + b"\n"
    outcome = read(content)
    assert (outcome.questions, outcome.raw.lines) == ([2, 3], [2, 4])
    assert outcome.counts == (4, 2, {Reason.CONFLICTING_DUPLICATE: 2})
    detail = differ(2, "pos_p0_q1")
    assert outcome.quarantined == entries(
        content, [(1, Reason.CONFLICTING_DUPLICATE, detail), (3, Reason.CONFLICTING_DUPLICATE, detail)]
    )


@pytest.mark.parametrize("places", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_equal_rows_do_not_outvote_a_different_one(places: tuple[int, ...], read: Read) -> None:
    three = [line(1), line(1), line(1, **OTHER_ANSWER)]
    content = b"\n".join([*(three[place] for place in places), line(2)])
    outcome = read(content)
    assert (outcome.questions, outcome.raw.lines) == ([2], [4])
    assert outcome.counts == (4, 1, {Reason.CONFLICTING_DUPLICATE: 3})
    detail = differ(3, "pos_p0_q1")
    assert outcome.quarantined == entries(
        content, [(number, Reason.CONFLICTING_DUPLICATE, detail) for number in (1, 2, 3)]
    )


def test_the_legacy_forms_of_an_identity_conflict_with_today_s(read: Read) -> None:
    lines = [line(1, label="neutral", prompt_index=...), line(2), line(1, label="default", **OTHER_ANSWER)]
    outcome = read(b"\n".join(lines))
    assert outcome.questions == [2]
    assert outcome.reasons == [(1, Reason.CONFLICTING_DUPLICATE), (3, Reason.CONFLICTING_DUPLICATE)]
    assert outcome.quarantined[0].detail == differ(2, "default_p0_q1")


def test_rows_that_differ_in_label_prompt_or_question_do_not_conflict(read: Read) -> None:
    lines = [line(1), line(2), line(1, prompt_index=1), line(1, label="default")]
    assert read(b"\n".join(lines)).counts == (4, 4, {})
    lines = [line(1), line(2), line(1, prompt_index=1), line(1, label="neg")]
    assert read(b"\n".join(lines), TRAIT_KEY).counts == (4, 4, {})


# A question that is not the index's


@pytest.mark.parametrize("odd", [0, 1, 2])
def test_a_row_whose_question_differs_from_the_usual_one_of_its_index_is_not_kept(odd: int, read: Read) -> None:
    questions = ["Who?" if place == odd else "Why?" for place in range(3)]
    lines = [line(7, question=text, prompt_index=place) for place, text in enumerate(questions)]
    content = b"\n".join([*lines, line(8, question="Who?")]) + b"\n"
    outcome = read(content)
    kept = [place for place in range(3) if place != odd]
    assert [row.prompt_index for row in outcome.raw.rows] == [*kept, 0]
    assert outcome.raw.lines == [*(place + 1 for place in kept), 4]
    assert outcome.counts == (4, 3, {Reason.QUESTION_MISMATCH: 1})
    assert outcome.quarantined == entries(content, [(odd + 1, Reason.QUESTION_MISMATCH, mismatch(7, "Why?", "Who?"))])


@pytest.mark.parametrize("here", ["why?", "Why? ", "Why", "", "Why?\u200b", "Why\uff1f"])
def test_a_question_that_differs_in_a_single_character_is_another_question(here: str, read: Read) -> None:
    content = b"\n".join([line(7), line(7, prompt_index=1, question=here), line(7, prompt_index=2)])
    outcome = read(content)
    assert outcome.raw.lines == [1, 3]
    assert outcome.quarantined == entries(content, [(2, Reason.QUESTION_MISMATCH, mismatch(7, "Why?", here))])


def test_the_usual_question_is_that_of_most_rows_of_every_label_and_prompt(read: Read) -> None:
    lines = [
        line(7, question="Who?"),
        line(7, question="Who?", prompt_index=1),
        line(7, label="default"),
        line(7, label="default", prompt_index=1),
        line(7, label="default", prompt_index=2),
    ]
    outcome = read(b"\n".join(lines))
    assert outcome.raw.lines == [3, 4, 5]
    assert outcome.reasons == [(1, Reason.QUESTION_MISMATCH), (2, Reason.QUESTION_MISMATCH)]


def test_every_index_has_a_usual_question_of_its_own(read: Read) -> None:
    questions = {1: "Who?", 2: "Why?", 3: "Who?"}
    lines = [
        line(index, question=text, prompt_index=prompt) for prompt in (0, 1) for index, text in questions.items()
    ]
    outcome = read(b"\n".join([*lines, line(2, question="Who?", prompt_index=2)]))
    assert outcome.counts == (7, 6, {Reason.QUESTION_MISMATCH: 1})
    assert outcome.reasons == [(7, Reason.QUESTION_MISMATCH)]


def test_of_equally_common_questions_the_first_in_the_file_is_the_usual_one() -> None:
    for texts in (("Why?", "Who?"), ("Who?", "Why?"), ("Why?", "Who?", "Who?", "Why?")):
        rows = [row(7, text, prompt=prompt) for prompt, text in enumerate(texts)]
        assert set(contradictions(rows)) == {place for place, text in enumerate(texts) if text != texts[0]}


def test_a_line_that_is_no_row_has_no_say_in_the_usual_question(read: Read) -> None:
    other = {"question": "Who?", "label": "neg"}
    lines = [line(7, prompt_index=1), *(line(7, prompt_index=number, **other) for number in (2, 3, 4))]
    outcome = read(b"\n".join(lines))
    assert outcome.raw.lines == [1]
    assert outcome.counts == (4, 1, {Reason.UNKNOWN_LABEL: 3})


def test_a_row_with_a_foreign_question_is_no_duplicate_and_conflicts_with_nothing(read: Read) -> None:
    lines = [line(7), line(7, question="Who?"), line(7, question="Who?"), line(7, label="default"), line(7)]
    outcome = read(b"\n".join([*lines, line(7, prompt_index=1)]))
    assert outcome.raw.lines == [1, 4, 6]
    assert outcome.counts == (6, 3, {Reason.QUESTION_MISMATCH: 2, Reason.EXACT_DUPLICATE: 1})
    assert outcome.reasons == [
        (2, Reason.QUESTION_MISMATCH),
        (3, Reason.QUESTION_MISMATCH),
        (5, Reason.EXACT_DUPLICATE),
    ]


def test_a_very_long_question_is_quoted_shortened() -> None:
    rows = [row(7, "a" * 5000), row(7, "b" * 5000, prompt=1), row(7, "a" * 5000, prompt=2)]
    detail = mismatch(7, "a" * 80, "b" * 80)
    assert contradictions(rows) == {1: Rejection(Reason.QUESTION_MISMATCH, detail)}


# All rules together


def test_each_rule_names_its_rows_by_place() -> None:
    rows = [
        row(1),
        row(2),
        row(1),
        row(2, answer="Therefore."),
        row(3),
        row(3, "Who?", prompt=1),
        row(3, prompt=2),
        row(2, label="default"),
    ]
    conflict = Rejection(Reason.CONFLICTING_DUPLICATE, differ(2, "pos_p0_q2"))
    assert contradictions(rows) == {
        1: conflict,
        2: Rejection(Reason.EXACT_DUPLICATE, equal("pos_p0_q1")),
        3: conflict,
        5: Rejection(Reason.QUESTION_MISMATCH, mismatch(3, "Why?", "Who?")),
    }


def test_rows_that_agree_are_all_kept() -> None:
    assert contradictions([]) == {}
    rows = [row(index, label=label, prompt=prompt) for label in ROLE.labels for prompt in (0, 1) for index in (0, 1)]
    assert contradictions(rows) == {}
    assert contradictions(rows[::-1]) == {}


def test_the_identity_of_a_row_is_what_a_score_refers_to() -> None:
    assert row(239, label="default", prompt=4).identity == Identity("default", 4, 239)
    assert row(0, answer="x").identity == row(0, answer="y").identity == Identity("pos", 0, 0)


def test_lines_that_are_no_rows_are_handed_over_first_then_contradictions_each_in_file_order(read: Read) -> None:
    lines = [
        line(3, question="Who?"),
        line(1),
        b"bad",
        line(2),
        line(1),
        line(3),
        line(2, **OTHER_ANSWER),
        line(4),
        b"",
        line(3, prompt_index=1),
        b"cut",
    ]
    content = b"\n".join(lines)
    outcome = read(content)
    assert (outcome.questions, outcome.raw.lines) == ([1, 3, 4, 3], [2, 6, 8, 10])
    assert outcome.reasons == [
        (3, Reason.INVALID_JSON),
        (9, Reason.BLANK_LINE),
        (11, Reason.TRUNCATED_LAST_LINE),
        (1, Reason.QUESTION_MISMATCH),
        (4, Reason.CONFLICTING_DUPLICATE),
        (5, Reason.EXACT_DUPLICATE),
        (7, Reason.CONFLICTING_DUPLICATE),
    ]
    assert outcome.quarantined[3:] == entries(
        content,
        [
            (1, Reason.QUESTION_MISMATCH, mismatch(3, "Why?", "Who?")),
            (4, Reason.CONFLICTING_DUPLICATE, differ(2, "pos_p0_q2")),
            (5, Reason.EXACT_DUPLICATE, equal("pos_p0_q1")),
            (7, Reason.CONFLICTING_DUPLICATE, differ(2, "pos_p0_q2")),
        ],
    )


def test_a_line_that_is_no_row_contradicts_none(read: Read) -> None:
    outcome = read(b"\n".join([line(1), line(1, conversation=[USER]), line(1)[:-1]]))
    assert outcome.questions == [1]
    assert outcome.counts == (3, 1, {Reason.NO_FINAL_ANSWER: 1, Reason.TRUNCATED_LAST_LINE: 1})


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", BYTE_ORDER_MARK])
def test_places_and_sizes_of_contradictory_lines_are_those_of_the_file(end: bytes, mark: bytes, read: Read) -> None:
    content = mark + end.join([line(1), line(2), line(1, **OTHER_ANSWER), line(2), line(3)]) + end
    outcome = read(content)
    assert outcome.raw.lines == [2, 5]
    detail = differ(2, "pos_p0_q1")
    expected = entries(
        content,
        [
            (1, Reason.CONFLICTING_DUPLICATE, detail),
            (3, Reason.CONFLICTING_DUPLICATE, detail),
            (4, Reason.EXACT_DUPLICATE, equal("pos_p0_q2")),
        ],
    )
    places = [(entry.line, entry.byte_offset, entry.size_bytes, entry.reason) for entry in outcome.quarantined]
    assert places == [(entry.line, entry.byte_offset, entry.size_bytes, entry.reason) for entry in expected]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_excerpt_of_a_short_contradictory_line_holds_nothing_of_the_next(end: bytes, read: Read) -> None:
    content = end.join([short(1), short(2), short(1), short(2, "c"), short(3)]) + end
    detail = differ(2, "pos_p0_q2")
    assert read(content).quarantined == entries(
        content,
        [
            (2, Reason.CONFLICTING_DUPLICATE, detail),
            (3, Reason.EXACT_DUPLICATE, equal("pos_p0_q1")),
            (4, Reason.CONFLICTING_DUPLICATE, detail),
        ],
    )


def test_the_excerpt_of_a_contradictory_first_line_does_not_hold_the_byte_order_mark(read: Read) -> None:
    content = BYTE_ORDER_MARK + b"\n".join([line(1), line(1, **OTHER_ANSWER), line(2)])
    detail = differ(2, "pos_p0_q1")
    assert read(content).quarantined == entries(
        content, [(1, Reason.CONFLICTING_DUPLICATE, detail), (2, Reason.CONFLICTING_DUPLICATE, detail)]
    )


def test_an_excerpt_that_ends_within_a_character_shows_its_bytes_as_escapes(read: Read) -> None:
    start = line(1, system_prompt="").index(b'""') + 1
    raw = line(1, system_prompt="x" * (199 - start) + "é")
    assert raw[199:201] == "é".encode()
    [entry] = read(raw + b"\n" + raw).quarantined
    assert entry.excerpt == raw[:199].decode() + r"\xc3"


def test_a_file_of_contradictory_rows_alone_is_an_error_with_path_line_and_reason(tmp_path: Path) -> None:
    with pytest.raises(RawDataError) as caught:
        read_content(tmp_path / "alien.jsonl", line(1) + b"\n" + line(1, **OTHER_ANSWER))
    path = tmp_path / "alien.jsonl"
    assert str(caught.value).startswith(f"{path}, line 1: conflicting_duplicate: {differ(2, 'pos_p0_q1')}. ")
    assert "None of its 2 lines is a conversation" in str(caught.value)


# Order


ORDERED = tuple(
    row(index, label=label, prompt=prompt) for label in ROLE.labels for prompt in (0, 1) for index in (0, 1)
)


@pytest.mark.parametrize("places", [(), (0,), (7,), (0, 1), (0, 7), (0, 2, 4, 6), (1, 2, 5), tuple(range(8))])
def test_rows_by_label_prompt_and_question_are_in_order_even_with_gaps(places: tuple[int, ...]) -> None:
    assert out_of_order([ORDERED[place] for place in places], ROLE.labels) == 0


@pytest.mark.parametrize("place", range(7))
def test_a_row_that_stands_before_its_predecessor_is_out_of_order(place: int) -> None:
    rows = list(ORDERED)
    rows[place], rows[place + 1] = rows[place + 1], rows[place]
    assert out_of_order(rows, ROLE.labels) == 1


def test_rows_in_reverse_are_all_out_of_order_but_the_last() -> None:
    assert out_of_order(ORDERED[::-1], ROLE.labels) == 7


def test_two_pairs_of_swapped_rows_are_two_rows_out_of_order() -> None:
    rows = [ORDERED[place] for place in (1, 0, 2, 3, 5, 4, 6, 7)]
    assert out_of_order(rows, ROLE.labels) == 2


def test_a_last_row_put_first_is_the_one_row_out_of_order() -> None:
    assert out_of_order([ORDERED[-1], *ORDERED[:-1]], ROLE.labels) == 1


def test_labels_are_ordered_as_the_kind_names_them_and_not_by_letter() -> None:
    assert out_of_order([row(label="pos"), row(label="default")], ROLE.labels) == 0
    assert out_of_order([row(label="default"), row(label="pos")], ROLE.labels) == 1
    assert out_of_order([row(label="pos"), row(label="neg")], TRAIT.labels) == 0
    assert out_of_order([row(label="neg"), row(label="pos")], TRAIT.labels) == 1


def test_rows_out_of_order_are_kept_in_file_order_and_counted_in_the_notes(read: Read) -> None:
    outcome = read(b"\n".join([line(2), line(1), line(4), line(3), line(0, label="default"), line(5)]))
    assert outcome.questions == [2, 1, 4, 3, 0, 5]
    assert outcome.raw.lines == [1, 2, 3, 4, 5, 6]
    assert outcome.counts == (6, 6, {})
    assert dict(outcome.raw.ledger.notes) == {Note.OUT_OF_ORDER: 3}


def test_only_rows_that_are_kept_can_be_out_of_order(read: Read) -> None:
    outcome = read(b"\n".join([line(9), line(1), line(9, **OTHER_ANSWER), b"bad", line(2), line(1)]))
    assert outcome.questions == [1, 2]
    assert outcome.counts == (
        6,
        2,
        {Reason.CONFLICTING_DUPLICATE: 2, Reason.INVALID_JSON: 1, Reason.EXACT_DUPLICATE: 1},
    )
    assert dict(outcome.raw.ledger.notes) == {}


def test_the_record_of_a_ledger_names_the_new_reasons_and_notes_as_plain_text(read: Read) -> None:
    record = read(b"\n".join([line(2), line(1), line(1), line(3, question="Who?")])).raw.ledger.record()
    assert record.quarantined == {"exact_duplicate": 1}
    assert record.notes == {"out_of_order": 1}
    assert {type(name) for name in (*record.quarantined, *record.notes)} == {str}
