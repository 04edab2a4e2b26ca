"""One raw line: which row it becomes, or exactly why it does not."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from persona_assets.kinds import ROLE, TRAIT
from persona_assets.raw.parsing import diagnose, parse_line
from persona_assets.raw.rows import ChatMessage, LabelWords, Note, ParsedRow, RawRow, Reason, Rejection, RowRules
from persona_assets.settings import Settings
from persona_assets_tests.raw.reading import GRAMMAR, rules_of

ROLE_RULES = RowRules(
    LabelWords({"pos": "pos", "default": "default"}, {"neutral": "default"}),
    max_prompts=5,
    max_questions=240,
    max_samples=100,
    max_messages=64,
    max_line_bytes=16 * 2**20,
)
TRAIT_RULES = replace(ROLE_RULES, words=LabelWords({"pos": "pos", "neg": "neg"}))
ANSWERED = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because."}]


def line(**changes: Any) -> bytes:
    """A faultless role row, changed; a field set to ``...`` is left out."""
    row = {
        "system_prompt": "You are an alien.",
        "label": "pos",
        "prompt_index": 4,
        "conversation": ANSWERED,
        "question_index": 239,
        "question": "Why?",
    } | changes
    return json.dumps({name: value for name, value in row.items() if value is not ...}, ensure_ascii=False).encode()


def answer(raw: bytes) -> bytes:
    """A row whose answer is ``raw``, exactly as it stands in the line."""
    return line().replace(b"Because.", raw)


def parsed(raw: bytes, rules: RowRules = ROLE_RULES) -> ParsedRow:
    result = parse_line(raw, rules, GRAMMAR)
    assert isinstance(result, ParsedRow), result
    assert diagnose(raw, rules, GRAMMAR) == result
    return result


def rejected(raw: bytes, rules: RowRules = ROLE_RULES) -> Rejection:
    result = parse_line(raw, rules, GRAMMAR)
    assert isinstance(result, Rejection), result
    assert diagnose(raw, rules, GRAMMAR) == result
    return result


def answer_of(raw: bytes) -> str:
    return parsed(raw).row.conversation[-1].content


def test_a_faultless_line_becomes_exactly_its_row_without_notes() -> None:
    messages = [ChatMessage("user", "Why?"), ChatMessage("assistant", "Because.")]
    assert parsed(line()) == ParsedRow(RawRow("You are an alien.", "pos", 4, messages, 239, "Why?"), (), ())


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_keys_does_not_matter(seed: int) -> None:
    items = list(json.loads(line()).items())
    random.Random(seed).shuffle(items)
    assert parsed(json.dumps(dict(items)).encode()) == parsed(line())


@pytest.mark.parametrize(
    "content",
    [
        "über 人生 😀",
        "one\u2028two\u2029three\x85four",
        'He said "leave": so I left',
        '{"label": "neg", "prompt_index": 7}',
        '":' * 50,
        "a : b\t:\tc",
        "back\\slash and \\u0041",
        "tab\tnewline\nreturn\rnul\0bell\x07delete\x7f",
        "\ufeff",
        "\ufffd\ufffe\uffff",
        "👩\u200d🔬 e\u0301",
    ],
)
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_any_text_survives_unchanged_however_it_is_escaped(content: str, ensure_ascii: bool) -> None:
    conversation = [{"role": "user", "content": content}, {"role": "assistant", "content": content}]
    row = json.loads(line()) | {"conversation": conversation, "question": content, "system_prompt": content}
    got = parsed(json.dumps(row, ensure_ascii=ensure_ascii).encode()).row
    assert [message.content for message in got.conversation] == [content, content]
    assert (got.question, got.system_prompt) == (content, content)


@pytest.mark.parametrize("blank", ["", " ", "\n", "\u2028"])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_every_text_but_the_final_answer_may_be_blank(blank: str, ensure_ascii: bool) -> None:
    conversation = [{"role": role, "content": blank} for role in ("system", "user", "assistant", "user")]
    for messages in ([conversation[1], ANSWERED[1]], [*conversation, ANSWERED[1]]):
        row = json.loads(line()) | {"conversation": messages, "question": blank, "system_prompt": blank}
        got = parsed(json.dumps(row, ensure_ascii=ensure_ascii).encode()).row
        assert {message.content for message in got.conversation[:-1]} == {blank}
        assert (got.conversation[-1].content, got.question, got.system_prompt) == ("Because.", blank, blank)


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (rb"\u0000", "\0"),
        (rb"\/", "/"),
        (rb"\ud83d\ude00", "😀"),
        (rb"\uD83D\uDE00", "😀"),
        (rb"\\ud800", "\\ud800"),
        ("a\u2028".encode(), "a\u2028"),
        (b"\x7f", "\x7f"),
        (rb"\":", '":'),
    ],
)
def test_an_escape_means_what_json_says(escaped: bytes, text: str) -> None:
    assert answer_of(answer(escaped)) == text


@pytest.mark.parametrize("space", [b" ", b"\t", b"  \t ", b"\r"])
def test_white_space_around_colons_and_at_both_ends_is_accepted(space: bytes) -> None:
    assert parsed(space + line().replace(b'": ', b'"' + space + b":") + space) == parsed(line())


def test_a_key_written_with_escapes_is_that_key() -> None:
    assert parsed(line().replace(b'"label"', rb'"l\u0061bel"').replace(b'"role"', rb'"r\u006fle"')) == parsed(line())


@pytest.mark.parametrize("roles", ["ua", "sua", "uaua", "suaua", "usa", "aua", "uuaa"])
def test_any_order_of_turns_that_ends_with_the_assistant_and_has_a_user_is_a_row(roles: str) -> None:
    names = {"s": "system", "u": "user", "a": "assistant"}
    conversation = [{"role": names[letter], "content": "x"} for letter in roles]
    assert [message.role for message in parsed(line(conversation=conversation)).row.conversation] == [
        names[letter] for letter in roles
    ]


@pytest.mark.parametrize("raw", [b"", b" ", b"\t \t", b"\r"])
def test_a_line_of_nothing_is_blank(raw: bytes) -> None:
    assert rejected(raw).reason is Reason.BLANK_LINE


@pytest.mark.parametrize("raw", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x80", b"\x80"])
def test_bytes_that_are_no_utf8_are_rejected_with_their_place(raw: bytes) -> None:
    place = line().index(b"Because.")
    rejection = rejected(answer(raw))
    assert rejection.reason is Reason.INVALID_UTF8
    assert f"byte {place} of the line" in rejection.detail


def test_bytes_that_are_no_utf8_are_rejected_in_a_field_that_nobody_reads_too() -> None:
    assert rejected(line(note="x").replace(b'"x"', b'"\xff"')).reason is Reason.INVALID_UTF8


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        line()[:-1],
        line()[2:],
        line()[:-1] + b",}",
        line().replace(b'"', b"'"),
        line().replace(b'"prompt_index": 4', b'"prompt_index": 04'),
        line().replace(b'"prompt_index": 4', b'"prompt_index": +4'),
        line().replace(b'"prompt_index": 4', b'"prompt_index": 0x4'),
        line().replace(b'"prompt_index": 4', b'"prompt_index": NaN'),
        line().replace(b'"prompt_index": 4', b'"prompt_index": -Infinity'),
        line().replace(b'"prompt_index": 4', b'"prompt_index": None'),
        line(note=0).replace(b'"note": 0', b'"note": NaN'),
        answer(b"\0"),
        answer(b"\x1f"),
        answer(b"\t"),
        answer(rb"\x41"),
        answer(rb"\u12G4"),
        answer(rb"\u1_23"),
        "\ufeff".encode() + line(),
        b"\0" + line(),
        b"\x0c" + line(),
        "\xa0".encode() + line(),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        line(note=0).replace(b'"note": 0', b'"note": ' + b"[" * 50_000 + b"]" * 50_000),
    ],
)
def test_a_line_that_is_no_json_is_rejected(raw: bytes) -> None:
    assert rejected(raw).reason is Reason.INVALID_JSON


@pytest.mark.parametrize("extra", [b"{}", b" {}", b",", b"x", b"\0", b"]", b' "x"'])
def test_data_after_the_object_is_rejected_with_its_place(extra: bytes) -> None:
    rejection = rejected(line() + extra)
    assert rejection.reason is Reason.TRAILING_DATA
    assert rejection.detail.endswith(f"from character {len(line()) + 1}")


def test_two_rows_on_one_line_are_no_row() -> None:
    assert rejected(line() + line()).reason is Reason.TRAILING_DATA
    assert rejected(line() + b"\r" + line()).reason is Reason.TRAILING_DATA


@pytest.mark.parametrize("extra", ["\xa0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u3000"])
def test_what_json_does_not_call_white_space_is_data_after_the_object(extra: str) -> None:
    assert rejected(line() + extra.encode()).reason is Reason.TRAILING_DATA


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"null", "null"),
        (b"true", "a boolean"),
        (b"5", "an integer"),
        (b"5.5", "a number with a fraction"),
        (b'"row"', "a string"),
        (b"[]", "a list"),
        (b"[" + line() + b"]", "a list"),
        (b'["You are.", "pos", 0, [], 1, "Why?"]', "a list"),
    ],
)
def test_a_line_that_is_another_json_value_is_rejected_with_what_it_is(raw: bytes, what: str) -> None:
    assert rejected(raw) == Rejection(Reason.NOT_AN_OBJECT, f"the line is {what}, not an object")


@pytest.mark.parametrize("name", ["system_prompt", "label", "prompt_index", "conversation", "question_index"])
@pytest.mark.parametrize("before_colon", [b"", b" ", b"\t", b"\r"])
@pytest.mark.parametrize("first", [True, False])
def test_a_field_given_twice_is_rejected_even_with_equal_values(name: str, before_colon: bytes, first: bool) -> None:
    value = json.dumps(json.loads(line())[name]).encode()
    again = b'"' + name.encode() + b'"' + before_colon + b":" + value
    raw = b"{" + again + b", " + line()[1:] if first else line()[:-1] + b", " + again + b"}"
    assert rejected(raw) == Rejection(Reason.DUPLICATE_JSON_KEY, f"key '{name}' occurs twice")


@pytest.mark.parametrize(
    "raw",
    [
        line()[:-1] + rb', "l\u0061bel": "pos"}',
        line()[:-1] + rb', "\u006c\u0061\u0062\u0065\u006c" : "pos"}',
        line()[:-1] + b', "conversation": []}',
        b'{"conversation": [], ' + line()[1:],
        line().replace(b'"content": "Because."', b'"content": "No.", "content": "Because."'),
        line().replace(b'"role": "user"', rb'"r\u006fle" : "system", "role": "user"'),
        line(note={"a": 1}).replace(b'"a": 1', b'"a": 1, "a": 2'),
        line(note=0)[:-1] + b', "note": 0}',
    ],
)
def test_a_key_given_twice_is_rejected_however_and_wherever_it_is_written(raw: bytes) -> None:
    assert rejected(raw).reason is Reason.DUPLICATE_JSON_KEY


def test_a_duplicate_is_not_hidden_by_contents_that_look_like_keys() -> None:
    conversation = [{"role": "user", "content": '":'}, {"role": "assistant", "content": '"label":"neg"'}]
    raw = line(conversation=conversation)
    assert isinstance(parse_line(raw, ROLE_RULES, GRAMMAR), ParsedRow)
    assert rejected(raw[:-1] + b', "label": "pos"}').reason is Reason.DUPLICATE_JSON_KEY


def test_a_duplicate_among_many_keys_is_found_and_named() -> None:
    count = 10_000
    members = [f'"k{number}":1' for number in range(count)]
    raw = ("{" + ",".join(members) + f',"k{count - 1}":2' + "}").encode()
    assert rejected(raw) == Rejection(Reason.DUPLICATE_JSON_KEY, f"key 'k{count - 1}' occurs twice")


@pytest.mark.parametrize("escape", [rb"\ud800", rb"\udc00", rb"\ud800x", rb"\ud800\u0041", rb"\udc00\ud800"])
def test_half_a_surrogate_pair_is_rejected_with_its_place(escape: bytes) -> None:
    rejection = rejected(answer(b"ab" + escape))
    assert rejection.reason is Reason.LONE_SURROGATE
    assert rejection.detail == "conversation[1].content holds half of a surrogate pair at character 3"


@pytest.mark.parametrize("name", ["system_prompt", "label", "question"])
def test_half_a_surrogate_pair_is_rejected_in_every_text_field(name: str) -> None:
    raw = line(**{name: "PLACE"}).replace(b"PLACE", rb"\udfff")
    expected = f"{name} holds half of a surrogate pair at character 1"
    assert rejected(raw) == Rejection(Reason.LONE_SURROGATE, expected)


@pytest.mark.parametrize("name", ["system_prompt", "label", "conversation", "question_index", "question"])
def test_a_missing_field_is_rejected_by_name(name: str) -> None:
    assert rejected(line(**{name: ...})) == Rejection(Reason.MISSING_FIELD, f"field '{name}' is missing")


@pytest.mark.parametrize("name", ["role", "content"])
def test_a_missing_part_of_a_message_is_rejected_by_place_and_name(name: str) -> None:
    message = {"role": "user", "content": "Why?"}
    del message[name]
    raw = line(conversation=[message, ANSWERED[1]])
    assert rejected(raw) == Rejection(Reason.MISSING_FIELD, f"conversation[0].{name} is missing")


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("prompt_index", 4.0, "a number with a fraction, not an integer"),
        ("prompt_index", "4", "a string, not an integer"),
        ("prompt_index", True, "a boolean, not an integer"),
        ("prompt_index", None, "null, not an integer"),
        ("prompt_index", [4], "a list, not an integer"),
        ("question_index", 4.0, "a number with a fraction, not an integer"),
        ("question_index", "4", "a string, not an integer"),
        ("question_index", False, "a boolean, not an integer"),
        ("question_index", {}, "an object, not an integer"),
        ("system_prompt", None, "null, not a string"),
        ("system_prompt", 3, "an integer, not a string"),
        ("question", ["Why?"], "a list, not a string"),
        ("label", None, "null, not a string"),
        ("label", True, "a boolean, not a string"),
        ("conversation", "[]", "a string, not a list"),
        ("conversation", {"role": "user"}, "an object, not a list"),
    ],
)
def test_a_field_of_another_type_is_rejected_with_both_types(name: str, value: Any, detail: str) -> None:
    assert rejected(line(**{name: value})) == Rejection(Reason.WRONG_TYPE, f"{name} is {detail}")


@pytest.mark.parametrize("number", [b"4e0", b"0.0", b"-0.0", b"1E400", b"4.5"])
def test_a_number_written_as_a_float_is_no_index(number: bytes) -> None:
    raw = line().replace(b'"prompt_index": 4', b'"prompt_index": ' + number)
    assert rejected(raw).reason is Reason.WRONG_TYPE


@pytest.mark.parametrize(
    ("item", "detail"),
    [
        (None, "conversation[0] is null, not an object"),
        ("Why?", "conversation[0] is a string, not an object"),
        (["user", "Why?"], "conversation[0] is a list, not an object"),
        ({"role": None, "content": "Why?"}, "conversation[0].role is null, not a string"),
        ({"role": "user", "content": None}, "conversation[0].content is null, not a string"),
        ({"role": "user", "content": [{"type": "text"}]}, "conversation[0].content is a list, not a string"),
    ],
)
def test_a_message_of_another_type_is_rejected_by_place(item: Any, detail: str) -> None:
    assert rejected(line(conversation=[item, ANSWERED[1]])) == Rejection(Reason.WRONG_TYPE, detail)


@pytest.mark.parametrize("value", [5, -1, 2**31, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400])
def test_a_prompt_index_outside_its_range_is_rejected_with_the_range(value: int) -> None:
    rejection = rejected(line(prompt_index=value))
    assert rejection.reason is Reason.INDEX_OUT_OF_RANGE
    assert "0-4 expected (setting max_prompts)" in rejection.detail
    assert len(rejection.detail) < 100


@pytest.mark.parametrize("value", [240, -1, 2**63, 10**400])
def test_a_question_index_outside_its_range_is_rejected_with_the_range(value: int) -> None:
    rejection = rejected(line(question_index=value))
    assert rejection.reason is Reason.INDEX_OUT_OF_RANGE
    assert "0-239 expected (setting max_questions)" in rejection.detail


def test_a_number_too_long_for_python_is_a_rejection_and_no_crash() -> None:
    raw = line().replace(b'"prompt_index": 4', b'"prompt_index": ' + b"9" * 20_000)
    assert rejected(raw).reason in (Reason.INDEX_OUT_OF_RANGE, Reason.INVALID_JSON)


def test_the_rules_come_from_the_kind_and_the_default_settings() -> None:
    assert rules_of(ROLE, Settings()) == ROLE_RULES
    assert rules_of(TRAIT, Settings()) == TRAIT_RULES


def test_the_settings_decide_the_ranges_of_the_indices() -> None:
    rules = rules_of(ROLE, Settings(max_prompts=2, max_questions=3))
    assert parsed(line(prompt_index=1, question_index=2), rules).row.prompt_index == 1
    assert rejected(line(prompt_index=2, question_index=2), rules).reason is Reason.INDEX_OUT_OF_RANGE
    assert rejected(line(prompt_index=1, question_index=3), rules).reason is Reason.INDEX_OUT_OF_RANGE


@pytest.mark.parametrize("most", [2, 3, 4, 7])
def test_the_settings_decide_how_many_messages_a_conversation_may_hold(most: int) -> None:
    rules = rules_of(ROLE, Settings(max_messages=most))
    users = [ANSWERED[0]] * (most - 1)
    assert len(parsed(line(conversation=[*users, ANSWERED[1]]), rules).row.conversation) == most
    expected = f"{most + 1} messages, more than the {most} of PERSONA_MAX_MESSAGES"
    too_many = line(conversation=[*users, *ANSWERED])
    assert rejected(too_many, rules) == Rejection(Reason.TOO_MANY_MESSAGES, expected)


@pytest.mark.parametrize("label", ["neg", "", "Pos", "pos ", "positive", "x" * 10_000])
def test_a_label_that_roles_do_not_have_is_rejected_with_those_they_have(label: str) -> None:
    rejection = rejected(line(label=label))
    assert rejection == Rejection(Reason.UNKNOWN_LABEL, f"label {label[:80]!r} is none of pos, default")


@pytest.mark.parametrize("label", ["default", "neutral"])
def test_a_label_that_traits_do_not_have_is_rejected_with_those_they_have(label: str) -> None:
    expected = Rejection(Reason.UNKNOWN_LABEL, f"label {label!r} is none of pos, neg")
    assert rejected(line(label=label), TRAIT_RULES) == expected


def test_every_label_of_a_kind_is_accepted() -> None:
    assert [parsed(line(label=label)).row.label for label in ("pos", "default")] == ["pos", "default"]
    assert [parsed(line(label=label), TRAIT_RULES).row.label for label in ("pos", "neg")] == ["pos", "neg"]


def test_a_conversation_without_messages_is_rejected() -> None:
    assert rejected(line(conversation=[])) == Rejection(Reason.EMPTY_CONVERSATION, "conversation holds no message")
    assert rejected(line(conversation=None)) == Rejection(Reason.EMPTY_CONVERSATION, "conversation is null")


@pytest.mark.parametrize("role", ["tool", "model", "User", "", "assistant "])
def test_a_turn_of_nobody_known_is_rejected_by_place(role: str) -> None:
    rejection = rejected(line(conversation=[ANSWERED[0], {"role": role, "content": "x"}, ANSWERED[1]]))
    expected = f"conversation[1].role {role!r} is none of system, user, assistant"
    assert rejection == Rejection(Reason.UNKNOWN_TURN_ROLE, expected)


def test_a_message_with_another_key_is_rejected_by_place_and_key() -> None:
    rejection = rejected(line(conversation=[ANSWERED[0] | {"name": "Ann"}, ANSWERED[1]]))
    assert rejection.reason is Reason.UNEXPECTED_MESSAGE_KEY
    assert "conversation[0] has the key 'name'" in rejection.detail


@pytest.mark.parametrize("last", ["user", "system"])
def test_a_conversation_without_an_answer_at_its_end_is_rejected(last: str) -> None:
    rejection = rejected(line(conversation=[*ANSWERED, {"role": last, "content": "x"}]))
    assert rejection == Rejection(Reason.NO_FINAL_ANSWER, f"the last message is the {last}'s")


@pytest.mark.parametrize("first", [[], [{"role": "system", "content": "x"}], [ANSWERED[1]]])
def test_a_conversation_without_a_user_is_rejected(first: list[dict[str, str]]) -> None:
    rejection = rejected(line(conversation=[*first, ANSWERED[1]]))
    assert rejection == Rejection(Reason.NO_USER_TURN, "no message of the conversation is the user's")


@pytest.mark.parametrize("blank", ["", " ", "\n\t\r", "\x1c\x1f", "\x85", "\xa0", "\u2028\u2029", "\u3000"])
@pytest.mark.parametrize("before", [[], ANSWERED, [{"role": "system", "content": "x"}]])
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_a_conversation_whose_last_answer_is_blank_is_rejected(
    blank: str, before: list[dict[str, str]], ensure_ascii: bool
) -> None:
    conversation = [*before, ANSWERED[0], {"role": "assistant", "content": blank}]
    raw = json.dumps(json.loads(line()) | {"conversation": conversation}, ensure_ascii=ensure_ascii).encode()
    assert rejected(raw) == Rejection(Reason.EMPTY_ANSWER, "the last message, the assistant's answer, is empty")


@pytest.mark.parametrize("content", ["\0", "\u200b", "\ufeff", ".", " x "])
def test_an_answer_that_holds_any_other_character_is_kept_unchanged(content: str) -> None:
    conversation = [ANSWERED[0], {"role": "assistant", "content": content}]
    assert parsed(line(conversation=conversation)).row.conversation[-1].content == content


@pytest.mark.parametrize("roles", ["uaa", "aua", "uaua", "suaa", "suaua", "aaua"])
def test_a_conversation_with_more_than_one_answer_is_kept_with_a_note(roles: str) -> None:
    names = {"s": "system", "u": "user", "a": "assistant"}
    result = parsed(line(conversation=[{"role": names[letter], "content": "x"} for letter in roles]))
    assert (len(result.row.conversation), result.notes, result.extra_fields) == (len(roles), (Note.EXTRA_TURNS,), ())


@pytest.mark.parametrize("roles", ["ua", "sua", "usa", "uua", "suua", "uuuuua"])
def test_a_conversation_with_one_answer_has_no_note_however_long_it_is(roles: str) -> None:
    names = {"s": "system", "u": "user", "a": "assistant"}
    assert parsed(line(conversation=[{"role": names[letter], "content": "x"} for letter in roles])).notes == ()


@pytest.mark.parametrize("name", ["system_prompt", "question", "user", "assistant"])
def test_an_escaped_nul_in_any_text_is_kept_with_a_note(name: str) -> None:
    messages = [message | {"content": "PLACE"} if message["role"] == name else message for message in ANSWERED]
    raw = line(conversation=messages) if name in ("user", "assistant") else line(**{name: "PLACE"})
    result = parsed(raw.replace(b"PLACE", rb"a\u0000b"))
    assert (result.notes, result.extra_fields) == ((Note.ESCAPED_NUL,), ())


@pytest.mark.parametrize("escaped", [rb"\\u0000", rb"\u0030000", rb"\\\\u0000"])
def test_what_only_looks_like_an_escaped_nul_has_no_note(escaped: bytes) -> None:
    assert parsed(answer(escaped)).notes == ()


def test_the_label_neutral_of_old_role_files_becomes_default_with_a_note() -> None:
    result = parsed(line(label="neutral"))
    assert (result.row.label, result.notes, result.extra_fields) == ("default", (Note.LEGACY_LABEL,), ())


def test_a_row_without_prompt_index_is_of_prompt_zero_with_a_note() -> None:
    result = parsed(line(prompt_index=...))
    assert (result.row.prompt_index, result.notes, result.extra_fields) == (0, (Note.LEGACY_PROMPT_INDEX,), ())


def test_a_row_with_a_field_too_many_is_kept_with_a_note_and_its_name() -> None:
    result = parsed(line(model="x", **{"y" * 100: [1]}))
    assert result.row == parsed(line()).row
    assert (result.notes, result.extra_fields) == ((Note.EXTRA_FIELD,), ("model", "y" * 80))


def test_a_row_may_have_every_note_at_once() -> None:
    conversation = [*ANSWERED, ANSWERED[0], {"role": "assistant", "content": "a\0b"}]
    result = parsed(line(label="neutral", prompt_index=..., source="x", conversation=conversation))
    assert result.row.label == "default"
    assert sorted(result.notes) == sorted(set(Note) - {Note.OUT_OF_ORDER, Note.FOLDED_SYSTEM_TURN})


def test_what_a_source_tells_beyond_the_six_fields_is_part_of_the_row_and_no_extra_field() -> None:
    result = parsed(line(sample_index=3, finish_reason="length", generated_tokens=512))
    assert (result.row.sample_index, result.row.finish_reason, result.row.generated_tokens) == (3, "length", 512)
    assert str(result.row.identity).endswith("_s3")
    assert (result.notes, result.extra_fields) == ((), ())


def test_a_null_in_a_field_that_need_not_be_there_tells_nothing() -> None:
    assert parsed(line(sample_index=None, finish_reason=None, generated_tokens=None)) == parsed(line())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sample_index": "0"}, Reason.WRONG_TYPE),
        ({"sample_index": -1}, Reason.INDEX_OUT_OF_RANGE),
        ({"sample_index": 100}, Reason.INDEX_OUT_OF_RANGE),
        ({"finish_reason": 1}, Reason.WRONG_TYPE),
        ({"finish_reason": "\ud800"}, Reason.LONE_SURROGATE),
        ({"generated_tokens": 1.0}, Reason.WRONG_TYPE),
        ({"generated_tokens": -1}, Reason.WRONG_TYPE),
        ({"generated_tokens": 2**31}, Reason.WRONG_TYPE),
    ],
)
def test_a_field_that_need_not_be_there_is_right_where_it_is(changes: dict[str, Any], reason: Reason) -> None:
    raw = json.dumps(json.loads(line()) | changes).encode()
    assert rejected(raw).reason is reason


def mutations(count: int, seed: int) -> list[bytes]:
    """Lines with a few bytes replaced, removed, doubled or put in, mostly JSON's own."""
    chance = random.Random(seed)
    sources = (
        line(),
        line(label="neutral"),
        line(prompt_index=...),
        line(note={"a": [1, "x"]}),
        line(conversation=[*ANSWERED, ANSWERED[1]]),
        answer(rb"\":\u00e9"),
    )
    pieces = [bytes([byte]) for byte in b'{}[]:,"\\ \t\r01-.eu/\0\xff\xc3\xa9']
    pieces += [b'"label": "pos", ', b'"role": "user", ', rb"\ud83d", rb"\u0061", b"null", b"true", b"1e3", b'" :']
    found = []
    for number in range(count):
        raw = bytearray(sources[number % len(sources)])
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(raw))
            end = start + chance.choice((0, 0, 1, 1, 2, 8))
            raw[start:end] = chance.choice((b"", bytes(raw[start:end]) * 2, chance.choice(pieces)))
        found.append(bytes(raw))
    return found


def test_the_fast_path_and_the_full_rules_agree_on_thousands_of_damaged_lines() -> None:
    for raw in mutations(4000, seed=1):
        for rules in (ROLE_RULES, TRAIT_RULES):
            assert parse_line(raw, rules, GRAMMAR) == diagnose(raw, rules, GRAMMAR), raw


def test_whatever_is_kept_of_a_damaged_line_is_what_a_plain_json_parser_reads() -> None:
    kept = 0
    for raw in mutations(4000, seed=2):
        result = parse_line(raw, ROLE_RULES, GRAMMAR)
        if isinstance(result, ParsedRow):
            kept += 1
            plain = json.loads(raw)
            row = result.row
            messages = [{"role": message.role, "content": message.content} for message in row.conversation]
            assert (row.system_prompt, row.question) == (plain["system_prompt"], plain["question"])
            assert (row.prompt_index, row.question_index) == (plain.get("prompt_index", 0), plain["question_index"])
            assert messages == plain["conversation"]
            assert row.label == plain["label"].replace("neutral", "default")
            assert row.conversation[-1].content.strip()
    assert 100 < kept < 3900
