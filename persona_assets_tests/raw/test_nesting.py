"""Which rows and scores are read depends on the file alone, not on the stack of whoever reads it."""

import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_assets.errors import RawDataError
from persona_assets.json_nesting import MAX_NESTING, is_nested_too_deeply
from persona_assets.kinds import ROLE
from persona_assets.raw.parsing import parse_line
from persona_assets.raw.rows import Reason, Rejection
from persona_assets.raw.scores import read_scores
from persona_assets.settings import Settings
from persona_assets_tests.raw.reading import GRAMMAR, line, rules_of, scores_at

Result = TypeVar("Result")
RULES = rules_of(ROLE, Settings())
SMALL_STACK = 128 * 2**10


def at_depth(calls: int, work: Callable[[], Result]) -> Result:
    """``work`` done below so many calls."""
    return work() if calls == 0 else at_depth(calls - 1, work)


def on_small_stack(work: Callable[[], Result]) -> Result:
    before = threading.stack_size(SMALL_STACK)
    try:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(work).result()
    finally:
        threading.stack_size(before)


def nested(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    """A row whose extra field has so many levels, which makes one more of the whole."""
    return line()[:-1] + f', "extra": {opening * levels}1{closing * levels}}}'.encode()


def outcome(text: bytes) -> object:
    parsed = parse_line(text, RULES, GRAMMAR)
    return parsed.reason if isinstance(parsed, Rejection) else parsed.extra_fields


@pytest.mark.parametrize(("levels", "kept"), [(1, True), (199, True), (200, False), (900, False), (10**6, False)])
@pytest.mark.parametrize("where", ["here", "deep", "deeper", "small"])
def test_a_row_is_kept_up_to_200_levels_wherever_it_is_read(levels: int, kept: bool, where: str) -> None:
    read = {
        "here": lambda: outcome(nested(levels)),
        "deep": lambda: at_depth(600, lambda: outcome(nested(levels))),
        "deeper": lambda: at_depth(sys.getrecursionlimit() - 250, lambda: outcome(nested(levels))),
        "small": lambda: on_small_stack(lambda: outcome(nested(levels))),
    }
    assert read[where]() == (("extra",) if kept else Reason.INVALID_JSON)


def test_the_detail_says_what_is_wrong() -> None:
    rejection = parse_line(nested(300), RULES, GRAMMAR)
    assert isinstance(rejection, Rejection)
    assert "nested too deeply" in rejection.detail


@given(
    levels=st.integers(150, 250), calls=st.integers(0, 500), brackets=st.sampled_from([("[", "]"), ('{"a":', "}")])
)
def test_the_same_line_has_the_same_outcome_at_any_depth(levels: int, calls: int, brackets: tuple[str, str]) -> None:
    text = nested(levels, *brackets)
    assert at_depth(calls, lambda: outcome(text)) == outcome(text) == on_small_stack(lambda: outcome(text))


values = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\\u00e9', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('[]{}"\\', max_size=3), inner, max_size=3),
)


def levels_of(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(levels_of, value), default=0) if isinstance(value, list) else 0


@given(value=values, more=st.integers(0, 260), ascii_only=st.booleans())
def test_levels_are_counted_outside_strings_only(value: object, more: int, ascii_only: bool) -> None:
    text = "[" * more + json.dumps(value, ensure_ascii=ascii_only) + "]" * more
    assert is_nested_too_deeply(text.encode()) == (levels_of(value) + more > MAX_NESTING)


def test_brackets_in_strings_and_beside_each_other_are_no_levels() -> None:
    many = "[" * 1000
    assert outcome(line(system_prompt=many)[:-1] + f', "extra": "{many}"}}'.encode()) == ("extra",)
    assert outcome(line()[:-1] + b', "extra": [' + b"[]," * 1000 + b"[]]}") == ("extra",)
    assert outcome(line() + many.encode()) == Reason.TRAILING_DATA


@pytest.mark.parametrize(("levels", "read"), [(199, True), (200, False), (10**5, False)])
def test_a_score_file_is_read_up_to_200_levels(levels: int, read: bool, tmp_path: Path) -> None:
    path = tmp_path / "stoic.json"
    path.write_text(f'{{"pos_p0_q0": {"[" * levels}{"]" * levels}, "pos_p0_q1": 3}}')

    def rows() -> int:
        return len(read_scores(scores_at(path), Settings()).by_row)

    for work in (rows, lambda: at_depth(600, rows), lambda: on_small_stack(rows)):
        if read:
            assert work() == 2
        else:
            with pytest.raises(RawDataError, match=r"stoic\.json.*nested too deeply"):
                work()


def test_half_a_surrogate_pair_in_a_score_key_is_an_unreadable_key_that_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / "stoic.json"
    path.write_text(r'{"pos_p0_q0": 3, "pos_\ud83d": 1, "\udc00": 2}')
    scores = read_scores(scores_at(path), Settings())
    assert scores.unreadable_keys == (r"pos_\ud83d", r"\udc00")
    assert len(scores.by_row) == 1
