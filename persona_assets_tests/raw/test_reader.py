"""A raw file: every line is a row kept or a line quarantined, with its place and its reason."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from persona_assets.errors import RawDataError
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import read_conversations
from persona_assets.raw.rows import Note, Reason
from persona_assets.settings import Settings
from persona_assets_tests.raw.reading import (
    ANSWERED,
    ASSISTANT,
    LIMIT,
    MAX_MESSAGES,
    ROLE_KEY,
    SETTINGS,
    TRAIT_KEY,
    USER,
    Read,
    conversations_at,
    line,
)


def line_of(size: int, index: int = 0) -> bytes:
    """A faultless row of exactly ``size`` bytes."""
    bare = line(index, system_prompt="")
    return line(index, system_prompt="x" * (size - len(bare)))


BAD_LINES = {
    Reason.BLANK_LINE: b"",
    Reason.LINE_TOO_LONG: line_of(LIMIT + 1),
    Reason.INVALID_UTF8: line().replace(b"Because.", b"\xff"),
    Reason.INVALID_JSON: line()[:-1],
    Reason.TRAILING_DATA: line() + line(),
    Reason.NOT_AN_OBJECT: b"[" + line() + b"]",
    Reason.DUPLICATE_JSON_KEY: line()[:-1] + b', "label" : "pos"}',
    Reason.LONE_SURROGATE: line().replace(b"Because.", rb"\ud800"),
    Reason.MISSING_FIELD: line(question_index=...),
    Reason.WRONG_TYPE: line(prompt_index=0.0),
    Reason.INDEX_OUT_OF_RANGE: line(240),
    Reason.UNKNOWN_LABEL: line(label="neg"),
    Reason.EMPTY_CONVERSATION: line(conversation=[]),
    Reason.UNKNOWN_TURN_ROLE: line(conversation=[{"role": "model", "content": "x"}, *ANSWERED]),
    Reason.UNEXPECTED_MESSAGE_KEY: line(conversation=[ANSWERED[0], ASSISTANT | {"tool_calls": []}]),
    Reason.TOO_MANY_MESSAGES: line(conversation=[USER] * MAX_MESSAGES + [ASSISTANT]),
    Reason.NO_FINAL_ANSWER: line(conversation=ANSWERED[:1]),
    Reason.EMPTY_ANSWER: line(conversation=[USER, ASSISTANT | {"content": " \n"}]),
    Reason.NO_USER_TURN: line(conversation=[ASSISTANT]),
}
"""Lines that are no rows whatever else the file holds."""

CONTRADICTIONS = {Reason.QUESTION_MISMATCH, Reason.EXACT_DUPLICATE, Reason.CONFLICTING_DUPLICATE}
"""Reasons that lie in other rows of the file; test_consistency.py holds a test of each."""

OF_TABLES = {
    Reason.INVALID_CSV,
    Reason.WRONG_FIELD_COUNT,
    Reason.UNKNOWN_PROMPT_FORM,
    Reason.FOREIGN_ROW,
    Reason.BROKEN_JOIN,
}
"""Reasons that no line of JSON has; test_persona_vectors.py and test_rollout_tables.py hold a test of each."""


def test_every_reason_has_a_line_here_or_lies_in_the_file() -> None:
    assert {*BAD_LINES, *CONTRADICTIONS, *OF_TABLES, Reason.TRUNCATED_LAST_LINE} == set(Reason)


@pytest.mark.parametrize("reason", BAD_LINES)
def test_one_bad_line_between_good_ones_costs_itself_alone(reason: Reason, read: Read) -> None:
    good = [line(1), line(2), line(3)]
    bad = BAD_LINES[reason]
    outcome = read(b"\n".join([good[0], good[1], bad, good[2]]) + b"\n")
    assert outcome.questions == [1, 2, 3]
    assert outcome.raw.lines == [1, 2, 4]
    assert outcome.counts == (4, 3, {reason: 1})
    [entry] = outcome.quarantined
    assert (entry.line, entry.reason) == (3, reason)
    assert entry.byte_offset == len(good[0]) + 1 + len(good[1]) + 1
    assert entry.size_bytes == len(bad) + 1
    assert entry.detail
    assert entry.excerpt == bad[:200].decode(errors="backslashreplace")


@pytest.mark.parametrize("reason", BAD_LINES)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_bad_last_line_is_found_whatever_its_end(reason: Reason, end: bytes, read: Read) -> None:
    if reason is Reason.BLANK_LINE and not end:
        return
    bad = line_of(LIMIT + 3) if reason is Reason.LINE_TOO_LONG else BAD_LINES[reason]
    outcome = read(line(1) + b"\n" + bad + end)
    truncated = reason is Reason.INVALID_JSON and not end
    assert outcome.counts == (2, 1, {Reason.TRUNCATED_LAST_LINE if truncated else reason: 1})
    assert (outcome.quarantined[0].line, outcome.quarantined[0].size_bytes) == (2, len(bad + end))


def test_every_reason_at_once_is_counted_once_each(read: Read) -> None:
    outcome = read(b"\n".join([line(1), *BAD_LINES.values(), line(2)]))
    assert outcome.questions == [1, 2]
    assert outcome.counts == (len(BAD_LINES) + 2, 2, dict.fromkeys(BAD_LINES, 1))
    assert [entry.reason for entry in outcome.quarantined] == list(BAD_LINES)


def test_the_reasons_of_lines_and_of_the_file_and_of_its_end_are_counted_in_one_ledger(read: Read) -> None:
    contradictory = [line(2, question="Who?"), line(1), line(3), line(3, system_prompt="You are another.")]
    outcome = read(b"\n".join([line(1), line(2), *contradictory, *BAD_LINES.values(), line(2, label="default")[:-1]]))
    of_lines = set(Reason) - OF_TABLES
    expected = dict.fromkeys(of_lines, 1) | {Reason.CONFLICTING_DUPLICATE: 2}
    assert outcome.questions == [1, 2]
    assert outcome.raw.lines == [1, 2]
    assert outcome.counts == (len(of_lines) + 3, 2, expected)
    assert outcome.reasons == [
        *enumerate(BAD_LINES, start=7),
        (7 + len(BAD_LINES), Reason.TRUNCATED_LAST_LINE),
        (3, Reason.QUESTION_MISMATCH),
        (4, Reason.EXACT_DUPLICATE),
        (5, Reason.CONFLICTING_DUPLICATE),
        (6, Reason.CONFLICTING_DUPLICATE),
    ]


@pytest.mark.parametrize("rest", [line(2)[:-1], line(2)[:40], b"{", b'{"system_prompt": "', b'"x', b"\0", b"[" * 900])
def test_broken_json_at_the_end_of_the_file_is_a_truncated_line_only_without_its_newline(
    rest: bytes, read: Read
) -> None:
    cut = read(line(1) + b"\n" + rest)
    assert (cut.questions, cut.counts) == ([1], (2, 1, {Reason.TRUNCATED_LAST_LINE: 1}))
    [entry] = cut.quarantined
    assert (entry.line, entry.byte_offset, entry.size_bytes) == (2, len(line(1)) + 1, len(rest))
    assert entry.excerpt == rest[:200].decode()
    complete = read(line(1) + b"\n" + rest + b"\n")
    assert complete.counts == (2, 1, {Reason.INVALID_JSON: 1})
    assert complete.quarantined[0].detail == entry.detail


def test_only_the_last_of_several_broken_lines_is_truncated(read: Read) -> None:
    outcome = read(b"bad\n" + line(1) + b"\nbad\nbad")
    assert outcome.reasons == [(1, Reason.INVALID_JSON), (3, Reason.INVALID_JSON), (4, Reason.TRUNCATED_LAST_LINE)]


def test_a_conversation_of_exactly_the_allowed_number_of_messages_is_kept(read: Read) -> None:
    assert read(line(1, conversation=[USER] * (MAX_MESSAGES - 1) + [ASSISTANT])).counts == (1, 1, {})


NOTED_LINES = {
    Note.LEGACY_LABEL: line(1, label="neutral"),
    Note.LEGACY_PROMPT_INDEX: line(1, prompt_index=...),
    Note.EXTRA_FIELD: line(1, model="gemma"),
    Note.EXTRA_TURNS: line(1, conversation=[*ANSWERED, *ANSWERED]),
    Note.ESCAPED_NUL: line(1).replace(b"Because.", rb"a\u0000b"),
}


def test_every_note_has_a_line_here_or_lies_in_the_file() -> None:
    assert {*NOTED_LINES, Note.OUT_OF_ORDER, Note.FOLDED_SYSTEM_TURN} == set(Note)


@pytest.mark.parametrize("note", NOTED_LINES)
def test_a_noted_line_is_kept_and_counted(note: Note, read: Read) -> None:
    outcome = read(line(0) + b"\n" + NOTED_LINES[note] + b"\n")
    assert outcome.questions == [0, 1]
    assert outcome.counts == (2, 2, {})
    assert dict(outcome.raw.ledger.notes) == {note: 1}
    assert dict(outcome.raw.ledger.extra_fields) == ({"model": 1} if note is Note.EXTRA_FIELD else {})


def test_a_clean_file_has_no_notes_and_no_quarantine(read: Read) -> None:
    outcome = read(b"".join(line(number) + b"\n" for number in range(240)))
    assert outcome.questions == list(range(240))
    assert outcome.counts == (240, 240, {})
    record = msgspec.to_builtins(outcome.raw.ledger.record())
    assert record == {
        "lines": 240,
        "kept": 240,
        "quarantined": {},
        "notes": {},
        "extra_fields": {},
        "byte_order_mark": False,
        "carriage_returns": 0,
        "final_newline": True,
    }


def test_the_kind_of_the_key_decides_which_labels_are_rows(read: Read) -> None:
    content = b"\n".join([line(0), line(1, label="neg"), line(2, label="default")])
    assert read(content, ROLE_KEY).questions == [0, 2]
    assert read(content, TRAIT_KEY).questions == [0, 1]


def test_windows_line_ends_are_counted_and_belong_to_no_row(read: Read) -> None:
    outcome = read(line(0) + b"\r\n" + line(1) + b"\n" + line(2) + b"\r\n")
    assert outcome.questions == [0, 1, 2]
    assert outcome.raw.ledger.carriage_returns == 2


@pytest.mark.parametrize("size", [*range(LIMIT - 2, LIMIT + 4), 2 * LIMIT])
def test_windows_line_ends_are_counted_whatever_the_length_of_the_line(size: int, read: Read) -> None:
    assert read(line(0) + b"\n" + b"x" * size + b"\r\n").raw.ledger.carriage_returns == 1
    assert read(line(0) + b"\n" + b"x" * size + b"\rx\n").raw.ledger.carriage_returns == 0


def test_a_byte_order_mark_is_noted_and_costs_no_row(read: Read) -> None:
    outcome = read(b"\xef\xbb\xbf" + line(0) + b"\n" + line(1) + b"\n")
    assert outcome.questions == [0, 1]
    assert outcome.raw.ledger.byte_order_mark


def test_offsets_after_a_byte_order_mark_and_windows_line_ends_are_those_of_the_file(read: Read) -> None:
    first = b"\xef\xbb\xbf" + line(0) + b"\r\n"
    outcome = read(first + b"bad\r\n" + line(1))
    assert [(entry.line, entry.byte_offset, entry.size_bytes) for entry in outcome.quarantined] == [
        (2, len(first), 5)
    ]


def test_a_byte_order_mark_on_a_later_line_is_no_json(read: Read) -> None:
    outcome = read(line(0) + b"\n\xef\xbb\xbf" + line(1) + b"\n")
    assert outcome.counts == (2, 1, {Reason.INVALID_JSON: 1})
    assert not outcome.raw.ledger.byte_order_mark


def test_a_last_line_without_a_newline_is_kept_and_noted(read: Read) -> None:
    outcome = read(line(0) + b"\n" + line(1))
    assert outcome.questions == [0, 1]
    assert not outcome.raw.ledger.final_newline


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b"  \n", b"\t\n"])
def test_blank_lines_are_quarantined_wherever_they_stand(blank: bytes, read: Read) -> None:
    outcome = read(blank + line(0) + b"\n" + blank + blank + line(1) + b"\n" + blank)
    assert outcome.questions == [0, 1]
    assert outcome.raw.lines == [2, 5]
    assert outcome.counts == (6, 2, {Reason.BLANK_LINE: 4})


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_a_unicode_line_separator_in_a_text_ends_no_line(separator: str, read: Read) -> None:
    outcome = read(line(0, question=f"a{separator}b") + b"\n" + line(1))
    assert outcome.questions == [0, 1]
    assert outcome.raw.rows[0].question == f"a{separator}b"


def test_carriage_returns_alone_end_no_line(read: Read) -> None:
    outcome = read(line(0) + b"\r" + line(1) + b"\n" + line(2))
    assert outcome.questions == [2]
    assert outcome.counts == (2, 1, {Reason.TRAILING_DATA: 1})


def test_a_raw_nul_is_quarantined_and_an_escaped_one_is_text(read: Read) -> None:
    outcome = read(line(0).replace(b"Because.", b"a\0b") + b"\n" + line(1).replace(b"Because.", rb"a\u0000b"))
    assert outcome.counts == (2, 1, {Reason.INVALID_JSON: 1})
    assert outcome.raw.rows[0].conversation[1].content == "a\0b"
    assert outcome.raw.ledger.notes == {Note.ESCAPED_NUL: 1}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_the_limit_counts_the_content_of_a_line_whatever_its_end(end: bytes, read: Read) -> None:
    allowed = read(line(0) + b"\n" + line_of(LIMIT, 1) + end)
    assert allowed.counts == (2, 2, {})
    refused = read(line(0) + b"\n" + line_of(LIMIT + 1, 1) + end)
    assert refused.counts == (2, 1, {Reason.LINE_TOO_LONG: 1})


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + 2, LIMIT + 3, LIMIT + 4, 2 * LIMIT, 2 * LIMIT + 4, 40_000])
@pytest.mark.parametrize("filler", ["x", "\u2028", '"', "\\n"])
def test_the_rest_of_a_line_that_is_too_long_is_skipped_and_nothing_else(size: int, filler: str, read: Read) -> None:
    bad = (filler * size).encode()[:size]
    outcome = read(line(1) + b"\n" + bad + b"\n" + line(2) + b"\n\n" + bad + b"\n" + line(3))
    assert outcome.questions == [1, 2, 3]
    assert outcome.raw.lines == [1, 3, 6]
    assert outcome.counts == (6, 3, {Reason.LINE_TOO_LONG: 2, Reason.BLANK_LINE: 1})
    offset = len(line(1)) + 1
    assert [(entry.line, entry.byte_offset, entry.size_bytes) for entry in outcome.quarantined] == [
        (2, offset, size + 1),
        (4, offset + size + 1 + len(line(2)) + 1, 1),
        (5, offset + size + 1 + len(line(2)) + 2, size + 1),
    ]
    assert "PERSONA_MAX_LINE_BYTES" in outcome.quarantined[0].detail


def test_a_line_longer_than_one_reading_step_is_skipped_to_its_end(read: Read) -> None:
    settings = Settings(max_line_bytes=LIMIT, max_file_bytes=10_000_000)
    bad = b"x" * (2 * 2**20 + LIMIT + 2)
    outcome = read(bad + b"\n" + line(1) + b"\n" + bad, settings=settings)
    assert outcome.questions == [1]
    assert outcome.counts == (3, 1, {Reason.LINE_TOO_LONG: 2})


def test_the_file_ends_as_it_does_even_when_its_last_line_is_too_long(read: Read) -> None:
    content = line(1) + b"\n" + b"x" * 5000
    assert read(content + b"\n").raw.ledger.final_newline
    assert not read(content).raw.ledger.final_newline


def test_only_the_first_offenders_are_remembered_but_all_are_handed_over_and_counted(read: Read) -> None:
    outcome = read(b"bad\n" * 50 + line(1))
    assert outcome.counts == (51, 1, {Reason.INVALID_JSON: 50})
    assert [entry.line for entry in outcome.quarantined] == list(range(1, 51))
    assert len(outcome.raw.ledger.first_quarantined) == 20


def test_an_excerpt_shows_undecodable_bytes_as_escapes(read: Read) -> None:
    outcome = read(b"a\xff\xfeb\n" + line(1))
    assert outcome.quarantined[0].excerpt == r"a\xff\xfeb"


@pytest.mark.parametrize("name", [b"model", rb"\ud800", rb"\u0000", b"\xc3\xa9", rb"a\nb", b""])
def test_the_record_of_a_ledger_can_be_written_whatever_the_names_of_extra_fields(name: bytes, read: Read) -> None:
    outcome = read(line(0)[:-1] + b', "' + name + b'": 1}\n')
    assert outcome.counts == (1, 1, {})
    record = msgspec.to_builtins(outcome.raw.ledger.record())
    assert json.loads(json.dumps(record, ensure_ascii=False).encode()) == record


def test_extra_fields_beyond_the_first_fifty_are_counted_together(read: Read) -> None:
    lines = [line(number, **{f"field{number}": 1, "common": 1}) for number in range(200)]
    ledger = read(b"\n".join(lines)).raw.ledger
    assert ledger.notes == {Note.EXTRA_FIELD: 200}
    assert sum(ledger.extra_fields.values()) == 400
    assert len(ledger.extra_fields) <= 51
    assert ledger.extra_fields["common"] == 200
    assert ledger.extra_fields["(other fields)"] == 151


@pytest.mark.parametrize("reason", BAD_LINES)
def test_a_file_without_a_single_row_is_an_error_with_path_line_and_reason(reason: Reason, read: Read) -> None:
    with pytest.raises(RawDataError) as caught:
        read(BAD_LINES[reason] + b"\n" + b"bad\n" * 1999)
    message = str(caught.value)
    assert f"alien.jsonl, line 1: {reason}: " in message
    assert "None of its 2,000 lines is a conversation" in message


def test_a_file_of_a_truncated_line_alone_is_an_error_with_path_line_and_reason(read: Read) -> None:
    with pytest.raises(RawDataError, match=r"alien\.jsonl, line 1: truncated_last_line: ") as caught:
        read(line(0)[:-1])
    assert "None of its 1 lines is a conversation" in str(caught.value)


def test_an_empty_file_is_an_error_that_says_so(read: Read) -> None:
    with pytest.raises(RawDataError, match=r"alien\.jsonl is empty"):
        read(b"")


def test_a_file_of_a_byte_order_mark_alone_is_an_error(read: Read) -> None:
    with pytest.raises(RawDataError, match=r"alien\.jsonl, line 1: blank_line: "):
        read(b"\xef\xbb\xbf")


def no_quarantine(entry: QuarantinedLine) -> None:
    raise AssertionError(entry)


def refusal(path: Path) -> str:
    with pytest.raises(RawDataError) as caught:
        read_conversations(conversations_at(path), SETTINGS, no_quarantine)
    assert str(caught.value).startswith(str(path))
    return str(caught.value)


def test_a_file_larger_than_allowed_is_refused_with_both_sizes_and_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "alien.jsonl"
    path.write_bytes(line(0) + b" " * (100_001 - len(line(0))))
    message = refusal(path)
    assert "has 100,001 bytes, more than the 100,000 allowed" in message
    assert "PERSONA_MAX_FILE_BYTES" in message


def test_a_file_of_exactly_the_allowed_size_is_read(read: Read) -> None:
    content = line(0) + b"\n"
    assert read(content + b" " * (100_000 - len(content))).questions == [0]


def test_a_missing_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    assert "does not exist" in refusal(tmp_path / "alien.jsonl")
    (tmp_path / "file").touch()
    assert "does not exist" in refusal(tmp_path / "file" / "alien.jsonl")


def test_a_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "alien.jsonl").mkdir()
    assert "is a folder" in refusal(tmp_path / "alien.jsonl")


def test_a_link_to_nothing_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "alien.jsonl"
    path.symlink_to(tmp_path / "gone")
    assert "is a symbolic link that leads nowhere" in refusal(path)


def test_a_link_to_itself_is_an_error_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "alien.jsonl"
    path.symlink_to(path)
    assert "is a symbolic link that leads nowhere" in refusal(path)


def test_a_link_to_a_folder_is_not_said_to_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "alien.jsonl"
    path.symlink_to(tmp_path)
    message = refusal(path)
    assert "leads nowhere" not in message
    assert "folder" in message


def test_a_link_to_a_raw_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(line(7))
    path = tmp_path / "alien.jsonl"
    path.symlink_to(tmp_path / "real")
    raw = read_conversations(conversations_at(path), SETTINGS, no_quarantine)
    assert [row.question_index for row in raw.rows] == [7]


def test_a_pipe_is_an_error_and_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "alien.jsonl"
    os.mkfifo(path)
    assert "is a named pipe, not a regular file" in refusal(path)


def test_an_error_of_the_disk_in_the_middle_of_reading_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "alien.jsonl"
    path.symlink_to("/proc/self/mem")
    refusal(path)


@pytest.mark.parametrize(("copies", "refused"), [(10, False), (11, True)])
def test_a_file_that_repeats_its_rows_more_than_ten_times_is_refused(
    copies: int, refused: bool, tmp_path: Path
) -> None:
    """A baseline, a role and two questions of one prompt each: four rows can differ."""
    settings = Settings(max_prompts=1, max_questions=2)
    path = tmp_path / "alien.jsonl"
    path.write_bytes(b"no row\n" + (line(0) + b"\n" + line(1) + b"\n") * 2 * copies)
    if refused:
        with pytest.raises(RawDataError, match="line 42: more than 40 rows, although only 4 can differ"):
            read_conversations(conversations_at(path), settings, no_quarantine_kept)
    else:
        raw = read_conversations(conversations_at(path), settings, no_quarantine_kept)
        assert (raw.ledger.kept, raw.ledger.quarantined[Reason.EXACT_DUPLICATE]) == (2, 38)


def no_quarantine_kept(_: object) -> None:
    """Quarantined lines are not what these tests look at."""
