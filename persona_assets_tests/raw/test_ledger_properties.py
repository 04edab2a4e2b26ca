"""The ledger's promise, on files damaged in every way: each line is a row kept or a line quarantined."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.parsing import diagnose, parse_line
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.rows import Note, ParsedRow, Reason, Rejection, RowRules
from persona_assets_tests.raw.reading import (
    ASSISTANT,
    GRAMMAR,
    LIMIT,
    MAX_MESSAGES,
    ROLE_KEY,
    SETTINGS,
    TRAIT_KEY,
    USER,
    conversations_at,
    line,
    rules_of,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FIELDS = ("system_prompt", "label", "prompt_index", "conversation", "question_index", "question")

repeatable = settings(derandomize=True, max_examples=200, deadline=None)

OTHER_ANSWER = ASSISTANT | {"content": "Therefore."}
CHANGES: tuple[dict[str, Any], ...] = (
    {"label": "default"},
    {"label": "neutral"},
    {"label": "neg"},
    {"prompt_index": ...},
    {"prompt_index": 5},
    {"question": "Who?"},
    {"question": ...},
    {"model": "gemma"},
    {"system_prompt": "é😀"},
    {"system_prompt": "x" * (LIMIT - 200)},
    {"system_prompt": "x" * LIMIT},
    {"conversation": [USER, OTHER_ANSWER]},
    {"conversation": [USER, ASSISTANT, ASSISTANT]},
    {"conversation": [USER, ASSISTANT, USER, ASSISTANT]},
    {"conversation": [USER, ASSISTANT | {"content": "a\0b"}]},
    {"conversation": [USER, ASSISTANT | {"content": " "}]},
    {"conversation": [USER] * MAX_MESSAGES + [ASSISTANT]},
    {"conversation": [USER | {"role": "model"}, ASSISTANT]},
    {"conversation": [USER]},
    {"conversation": [ASSISTANT]},
    {"conversation": []},
)
ANY_CHANGE = st.sampled_from(CHANGES)


@st.composite
def rows(draw: st.DrawFn) -> bytes:
    """Rows of so few identities that some meet, every other one with something unusual or forbidden in it."""
    changes = draw(ANY_CHANGE) if draw(st.booleans()) else {}
    index, prompt = draw(st.integers(0, 2)), draw(st.integers(0, 1))
    return line(index, **({"prompt_index": prompt, "system_prompt": ""} | changes))


def truncated(draw: st.DrawFn, raw: bytes) -> bytes:
    return raw[: draw(st.integers(0, len(raw)))]


def flipped(draw: st.DrawFn, raw: bytes) -> bytes:
    damaged = bytearray(raw)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(raw) - 1)) if raw else None
        if place is not None:
            damaged[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(damaged)


def shortened(draw: st.DrawFn, raw: bytes) -> bytes:
    start = draw(st.integers(0, len(raw)))
    return raw[:start] + raw[start + draw(st.integers(1, 12)) :]


def with_inserted(draw: st.DrawFn, raw: bytes) -> bytes:
    place = draw(st.integers(0, len(raw)))
    pieces = [
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b'"',
        b"{",
        b"}",
        b"\\",
        b'"label": "pos", ',
        rb"\ud800",
        b"\xff",
        b"\xc3",
    ]
    return raw[:place] + draw(st.sampled_from(pieces)) + raw[place:]


def with_swapped_fields(draw: st.DrawFn, raw: bytes) -> bytes:
    row = json.loads(raw)
    one, other = draw(st.permutations(FIELDS))[:2]
    row[one], row[other] = row.get(other), row.get(one)
    return json.dumps(row).encode()


def unchanged(_draw: st.DrawFn, raw: bytes) -> bytes:
    return raw


MUTATIONS = (unchanged, unchanged, unchanged, truncated, flipped, shortened, with_inserted, with_swapped_fields)


@st.composite
def damaged_lines(draw: st.DrawFn) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=40))
    return draw(st.sampled_from(MUTATIONS))(draw, draw(rows()))


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """Lines, some of them more than once and in any place, with mixed line ends and perhaps none at the last."""
    fresh = draw(st.lists(damaged_lines(), min_size=1, max_size=12))
    again = draw(st.lists(st.sampled_from(fresh), max_size=4))
    lines = draw(st.permutations(fresh + again))
    ends = draw(
        st.one_of(
            st.just([b"\n"] * len(lines)),
            st.just([b"\r\n"] * len(lines)),
            st.lists(st.sampled_from([b"\n", b"\r\n"]), min_size=len(lines), max_size=len(lines)),
        )
    )
    last_end = draw(st.sampled_from([ends[-1], b"", b"\n\n", b"\r"]))
    mark = draw(st.sampled_from([b"", b"", b"", BYTE_ORDER_MARK]))
    return mark + b"".join(raw + end for raw, end in zip(lines, [*ends[:-1], last_end], strict=True))


def physical_lines(content: bytes) -> list[bytes]:
    """The lines of a file with their ends."""
    *complete, last = content.split(b"\n")
    return [raw + b"\n" for raw in complete] + ([last] if last else [])


def without_end(raw: bytes, number: int) -> bytes:
    """What of a physical line is the row: neither its end nor a byte order mark before the first."""
    text = raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw
    return text.removesuffix(b"\n").removesuffix(b"\r") if text.endswith(b"\n") else text


def check_quarantined(content: bytes, entries: list[QuarantinedLine]) -> None:
    """Each entry points at exactly its line, and says what stands there."""
    lines = physical_lines(content)
    for entry in entries:
        raw = lines[entry.line - 1]
        assert content[entry.byte_offset : entry.byte_offset + entry.size_bytes] == raw
        assert entry.byte_offset == sum(len(earlier) for earlier in lines[: entry.line - 1])
        shown = without_end(raw, entry.line)[:200].decode(errors="backslashreplace")
        assert entry.excerpt.rstrip("\r") == shown.rstrip("\r")
        assert entry.detail


def check_balance(content: bytes, read: RawConversations, entries: list[QuarantinedLine]) -> None:
    ledger = read.ledger
    assert ledger.lines == ledger.kept + sum(ledger.quarantined.values()) == len(physical_lines(content))
    assert ledger.kept == len(read.rows) == len(read.lines) > 0
    assert Counter(entry.reason for entry in entries) == ledger.quarantined
    assert read.lines == sorted(read.lines)
    numbers = sorted([*read.lines, *(entry.line for entry in entries)])
    assert numbers == list(range(1, ledger.lines + 1))


def check_kept(content: bytes, read: RawConversations, rules: RowRules) -> None:
    """Each row is that of its line; identities are unique, and each question index has one question."""
    lines = physical_lines(content)
    questions: dict[int, set[str]] = {}
    for number, row in zip(read.lines, read.rows, strict=True):
        parsed = diagnose(without_end(lines[number - 1], number), rules, GRAMMAR)
        assert isinstance(parsed, ParsedRow)
        assert parsed.row == row
        questions.setdefault(row.question_index, set()).add(row.question)
    identities = [(row.label, row.prompt_index, row.question_index) for row in read.rows]
    assert len(set(identities)) == len(identities)
    assert all(len(texts) == 1 for texts in questions.values())


def read_and_check(path: Path, content: bytes, key: DatasetKey) -> list[str]:
    """Read a file and check it; return what was met in it."""
    path.write_bytes(content)
    entries: list[QuarantinedLine] = []
    try:
        read = read_conversations(conversations_at(path, key), SETTINGS, entries.append)
    except RawDataError:
        assert sorted(entry.line for entry in entries) == list(range(1, len(physical_lines(content)) + 1))
        check_quarantined(content, entries)
        return ["refused"]
    check_balance(content, read, entries)
    check_quarantined(content, entries)
    check_kept(content, read, rules_of(key.kind, SETTINGS))
    return ["read", *(entry.reason for entry in entries), *read.ledger.notes]


COMMON = {
    "read",
    "refused",
    Note.OUT_OF_ORDER,
    Reason.BLANK_LINE,
    Reason.LINE_TOO_LONG,
    Reason.INVALID_UTF8,
    Reason.INVALID_JSON,
    Reason.TRUNCATED_LAST_LINE,
    Reason.QUESTION_MISMATCH,
    Reason.EXACT_DUPLICATE,
    Reason.CONFLICTING_DUPLICATE,
}
"""What so many of the files hold that a run without one of them has tested too little."""


def test_every_line_of_every_damaged_file_is_kept_or_quarantined_exactly_once(tmp_path: Path) -> None:
    met: Counter[str] = Counter()

    @repeatable
    @given(damaged_files(), st.sampled_from([ROLE_KEY, TRAIT_KEY]))
    def check(content: bytes, key: DatasetKey) -> None:
        met.update(set(read_and_check(tmp_path / "alien.jsonl", content, key)))

    check()
    assert set(met) >= COMMON


def test_the_fast_path_and_the_full_rules_agree_on_every_damaged_line() -> None:
    met: Counter[type[ParsedRow | Rejection]] = Counter()

    @repeatable
    @given(st.lists(damaged_lines(), min_size=5, max_size=15), st.sampled_from([ROLE, TRAIT]))
    def check(lines: list[bytes], kind: Kind) -> None:
        rules = rules_of(kind, SETTINGS)
        for raw in lines:
            found = parse_line(raw, rules, GRAMMAR)
            assert found == diagnose(raw, rules, GRAMMAR)
            met[type(found)] += 1

    check()
    assert set(met) == {ParsedRow, Rejection}
