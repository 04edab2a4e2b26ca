"""A conversation alone is enough; whatever else a row has is read where the settings say it is."""

import json
from typing import Any

import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.rows import Identity, Note
from persona_assets_tests.raw.chat_data.chats import MODEL, MONK, PIRATE, Chats, chat, row

FIELDS = {
    "messages": "turns",
    "system_prompt": "persona_text",
    "question": "prompt",
    "label": "polarity",
    "labels": {"positive": "pos", "negative": "neg"},
    "prompt_index": "variant",
    "question_index": "number",
    "sample_index": "try",
    "score": "judge",
    "coherence": "sense",
    "judge_response": "said",
    "finish_reason": "stop",
    "generated_tokens": "length",
    "kind": "trait",
}
TRAIT = DatasetKey(MODEL, "trait", "pirate")


def full(**changes: Any) -> dict[str, Any]:
    """A row in which every field of ``FIELDS`` is given; one set to ``...`` is left out."""
    given = {
        "turns": chat(),
        "persona_text": "Be calm.",
        "prompt": "Why?",
        "polarity": "negative",
        "variant": 2,
        "number": 17,
        "try": 3,
        "judge": 81.5,
        "sense": 90,
        "said": "81.5, I think",
        "stop": "length",
        "length": 512,
    }
    return {name: value for name, value in (given | changes).items() if value is not ...}


def test_a_conversation_alone_is_a_row_named_after_its_file(chats: Chats) -> None:
    chats.write("pirate.jsonl", [row("One?"), row("Two?")])
    assert chats.keys() == ["role__pirate"]
    read = chats.read()
    assert [(one.question, one.system_prompt, one.label) for one in read.rows] == [
        ("One?", "", "pos"),
        ("Two?", "", "pos"),
    ]
    assert read.identities == ["pos_p0_q0", "pos_p0_q1"]
    assert [score.status.value for score in read.judged] == ["missing", "missing"]
    assert read.raw.ledger.notes == {}


def test_prompt_question_and_sample_are_numbered_in_the_order_in_which_they_appear(chats: Chats) -> None:
    chats.write(
        "pirate.jsonl",
        [
            row("Two?", "a", "Be b."),
            row("One?", "b", "Be a."),
            row("Two?", "c", "Be a."),
            row("Two?", "d", "Be b."),
            row("Two?", "e", "Be b."),
        ],
    )
    assert chats.read().identities == ["pos_p0_q0", "pos_p1_q1", "pos_p1_q0", "pos_p0_q0_s1", "pos_p0_q0_s2"]


def test_prompts_are_numbered_for_each_label_and_questions_for_all(chats: Chats) -> None:
    rows = [
        row("One?", system="+", label="pos"),
        row("Two?", system="-", label="neg"),
        row("One?", system="0", label="neg"),
    ]
    chats.write("traits/pirate.jsonl", rows)
    chats.write("other.jsonl", [row()])
    assert chats.read(TRAIT).identities == ["pos_p0_q0", "neg_p0_q1", "neg_p1_q0"]


def test_the_question_is_the_last_user_turn_and_the_prompt_the_leading_system_turn(chats: Chats) -> None:
    turns = [*chat("First?", "Yes.", "Be a pirate."), *chat("Last?"), *chat("Last!")]
    chats.write("pirate.jsonl", [{"messages": turns}])
    [one] = chats.read().rows
    assert (one.system_prompt, one.question) == ("Be a pirate.", "Last!")
    assert len(one.conversation) == len(turns)


def test_every_field_may_have_another_name(chats: Chats) -> None:
    chats.write("pirate.jsonl", [full()])
    read = chats.read(TRAIT, FIELDS)
    [one] = read.rows
    assert one.identity == Identity("neg", 2, 17, 3)
    assert (one.system_prompt, one.question) == ("Be calm.", "Why?")
    assert (one.finish_reason, one.generated_tokens) == ("length", 512)
    [score] = read.judged
    assert (score.status, score.value, score.coherence, score.verdict) == ("ok", 81.5, 90.0, "81.5, I think")
    assert read.raw.ledger.extra_fields == {}


def test_fields_under_their_own_names_are_read_without_an_entry(chats: Chats) -> None:
    given = {
        "system_prompt": "Be a pirate.",
        "question": "Asked?",
        "label": "default",
        "prompt_index": 4,
        "question_index": 9,
        "sample_index": 1,
        "score": 2,
        "coherence": 50.5,
        "judge_response": "two",
        "finish_reason": "stop",
        "generated_tokens": 3,
    }
    chats.write("pirate.jsonl", [row() | given, row("None?", note=1), row("Null?") | dict.fromkeys(given)])
    read = chats.read()
    first, second, third = read.rows
    assert first.identity == Identity("default", 4, 9, 1)
    assert (first.system_prompt, first.question, first.generated_tokens) == ("Be a pirate.", "Asked?", 3)
    assert (second.question, second.identity) == ("None?", Identity("pos", 0, 0))
    assert (third.question, third.identity) == ("Null?", Identity("pos", 0, 1))
    assert [score.value for score in read.judged] == [2, None, None]
    assert read.raw.ledger.extra_fields == {"note": 1}


def test_with_an_entry_a_field_that_it_does_not_name_is_counted_and_not_read(chats: Chats) -> None:
    chats.write("pirate.jsonl", [row() | {"score": 3, "label": "good", "question": None}])
    read = chats.read(fields={})
    assert (read.rows[0].label, read.rows[0].question, read.judged[0].status) == ("pos", "Why?", "missing")
    assert read.raw.ledger.extra_fields == {"label": 1, "question": 1, "score": 1}
    assert read.raw.ledger.notes == {Note.EXTRA_FIELD: 1}


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"turns": ...}, "missing_field", "field 'turns' is missing"),
        ({"turns": "Why?"}, "wrong_type", "turns is a string, not a list"),
        ({"turns": None}, "empty_conversation", "turns is null"),
        ({"turns": []}, "empty_conversation", "no message"),
        ({"turns": ["Why?"]}, "wrong_type", "turns[0] is a string"),
        ({"turns": [{"role": "user"}]}, "missing_field", "turns[0].content is missing"),
        ({"turns": [{"role": "tool", "content": "4"}, *chat()]}, "unknown_turn_role", "'tool'"),
        ({"turns": [{"role": "user", "content": "Why?", "name": "x"}]}, "unexpected_message_key", "'name'"),
        ({"turns": chat()[:1]}, "no_final_answer", "user's"),
        ({"turns": chat(answer=" ")}, "empty_answer", "empty"),
        ({"turns": chat()[1:]}, "no_user_turn", "user's"),
        ({"prompt": ...}, "missing_field", "field 'prompt' is missing"),
        ({"prompt": 7}, "wrong_type", "prompt is an integer"),
        ({"persona_text": None}, "wrong_type", "persona_text is null"),
        ({"polarity": "sideways"}, "unknown_label", "'sideways'"),
        ({"polarity": ["negative"]}, "wrong_type", "polarity is a list"),
        ({"variant": "2"}, "wrong_type", "variant is a string"),
        ({"variant": True}, "wrong_type", "variant is a boolean"),
        ({"variant": 5}, "index_out_of_range", "setting max_prompts"),
        ({"number": 240}, "index_out_of_range", "setting max_questions"),
        ({"number": 2.5}, "wrong_type", "number is a number with a fraction"),
        ({"try": 100}, "index_out_of_range", "setting max_samples"),
        ({"try": [1]}, "wrong_type", "try is a list"),
        ({"sense": "high"}, "wrong_type", "coherence is not a number"),
        ({"sense": True}, "wrong_type", "coherence is not a number"),
        ({"sense": 10**400}, "wrong_type", "coherence is not a number"),
        ({"said": 5}, "wrong_type", "response is not a string"),
        ({"said": "\ud800"}, "lone_surrogate", "response"),
        ({"stop": 5}, "wrong_type", "stop is an integer"),
        ({"length": -1}, "wrong_type", "length"),
    ],
)
def test_a_row_that_cannot_be_one_is_quarantined_with_the_reason(
    chats: Chats, changes: dict[str, Any], reason: str, detail: str
) -> None:
    faulty = json.dumps(full(**changes))
    chats.write("pirate.jsonl", [full(number=1), faulty, full(number=2)])
    read = chats.read(TRAIT, FIELDS)
    [entry] = read.quarantined
    assert (entry.line, entry.reason) == (2, reason)
    assert detail in entry.detail
    assert entry.excerpt == faulty[:200]
    assert [one.question_index for one in read.rows] == [1, 2]
    assert len(read.scores.by_row) == 2


def test_lines_that_cannot_be_rows_are_quarantined_as_in_every_layout(chats: Chats) -> None:
    path = chats.write("pirate.jsonl", [row("One?"), "", "[]", '{"a": 1, "a": 2}', "nonsense", row("Two?")])
    path.write_bytes(path.read_bytes() + b'{"messages": [{"ro')
    read = chats.read()
    assert read.reasons == [
        (2, "blank_line"),
        (3, "not_an_object"),
        (4, "duplicate_json_key"),
        (5, "invalid_json"),
        (7, "truncated_last_line"),
    ]
    assert read.identities == ["pos_p0_q0", "pos_p0_q1"]


def test_a_row_is_numbered_whether_or_not_those_before_it_can_be_used(chats: Chats) -> None:
    chats.write("pirate.jsonl", [row("One?", " "), row("Two?"), row("One?", "Yes.")])
    read = chats.read()
    assert read.reasons == [(1, "empty_answer")]
    assert read.identities == ["pos_p0_q1", "pos_p0_q0_s1"]


@pytest.mark.parametrize(
    ("value", "status", "score"),
    [
        (3, "ok", 3),
        (2.0, "ok", 2),
        (1.25, "ok", 1.25),
        (4, "out_of_range", None),
        (-1, "out_of_range", None),
        ("REFUSAL", "refusal", None),
        (None, "missing", None),
        ("3", "unparsed", None),
        (True, "unparsed", None),
        ([3], "unparsed", None),
    ],
)
def test_a_score_in_a_row_is_what_it_would_be_in_a_score_file(
    chats: Chats, value: object, status: str, score: float | None
) -> None:
    chats.write("pirate.jsonl", [row(grade=value)])
    [found] = chats.read(fields={"score": "grade"}).judged
    assert (found.status, found.value) == (status, score)


def test_a_thousand_free_questions_are_read_once_the_limit_is_raised(chats: Chats) -> None:
    chats.write("pirate.jsonl", [row(f"Question {number}?") for number in range(1000)])
    limited = chats.read()
    assert len(limited.rows) == 240
    assert {entry.detail for entry in limited.quarantined[:1]} == {
        "question_index is 240; 0-239 expected (setting max_questions)"
    }
    free = chats.read(max_questions=1000)
    assert (len(free.rows), free.quarantined) == (1000, [])
    assert free.rows[-1].question_index == 999


def test_answers_without_a_persona_have_the_label_of_baselines(chats: Chats) -> None:
    for name in ("default", "0_default", "defaults", "traits/default"):
        chats.write(f"{name}.jsonl", [row()])
    keys = chats.discover().keys
    assert {f"{key.kind_name} {key.persona}": chats.read(key).rows[0].label for key in keys} == {
        "role default": "default",
        "role 0_default": "default",
        "role defaults": "pos",
        "trait default": "pos",
    }


def test_whole_numbers_with_a_point_are_integers(chats: Chats) -> None:
    chats.write("pirate.jsonl", [row(sample_index=1.0, generated_tokens=7.0)])
    [one] = chats.read().rows
    assert (one.sample_index, one.generated_tokens) == (1, 7)
    assert type(one.sample_index) is int


def test_nesting_is_refused_wherever_it_is_read(chats: Chats) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    chats.write("pirate.jsonl", [row("One?"), f'{{"who": "pirate", "x": {deep}}}', row("Two?", who="pirate")])
    assert chats.read().reasons == [(2, "invalid_json")]
    assert chats.read(fields={"persona": "who"}).identities == ["pos_p0_q0"]
    assert chats.problems({"persona": "who"})["pirate.jsonl"].startswith("has 2 rows that belong to no key: line 1:")


def test_a_file_without_a_row_fails_its_key(chats: Chats) -> None:
    chats.write("pirate.jsonl", ["{}"])
    with pytest.raises(RawDataError, match=r"pirate\.jsonl, line 1: missing_field: field 'messages' is missing"):
        chats.read(PIRATE)
    chats.write("monk.jsonl", [])
    with pytest.raises(RawDataError, match=r"monk\.jsonl is empty"):
        chats.read(MONK)
