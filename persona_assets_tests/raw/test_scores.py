"""Score files: every value ends in exactly one status, and a broken file is never half read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, TRAIT
from persona_assets.raw.rows import Identity
from persona_assets.raw.scores import Score, Scores, ScoreStatus, classify, read_scores
from persona_assets.settings import Settings
from persona_assets_tests.raw.reading import scores_at

ROLE_KEY = DatasetKey("gemma-2-27b", "role", "alien")
TRAIT_KEY = DatasetKey("gemma-2-27b", "trait", "calm")
SETTINGS = Settings(max_line_bytes=100_000)
MISSING = Score(ScoreStatus.MISSING, None)
REFUSAL = Score(ScoreStatus.REFUSAL, None)
UNPARSED = Score(ScoreStatus.UNPARSED, None)
OUT_OF_RANGE = Score(ScoreStatus.OUT_OF_RANGE, None)

Read = Callable[..., Scores]


def ok(value: float) -> Score:
    return Score(ScoreStatus.OK, value)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_text(content: str | bytes, key: DatasetKey = TRAIT_KEY) -> Scores:
        path = tmp_path / "scores.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_scores(scores_at(path, key), SETTINGS)

    return read_text


def refusal(read: Read, content: str | bytes) -> str:
    with pytest.raises(RawDataError) as caught:
        read(content)
    return str(caught.value)


@pytest.mark.parametrize("value", [0, 1, 50, 99, 100])
def test_an_integer_on_the_traits_scale_is_ok_with_its_value(value: int, read: Read) -> None:
    assert read(json.dumps({"neg_p4_q239": value})).by_row == {Identity("neg", 4, 239): ok(value)}


@pytest.mark.parametrize("value", [0, 1, 2, 3])
def test_an_integer_on_the_roles_scale_is_ok_with_its_value(value: int, read: Read) -> None:
    scores = read(json.dumps({"default_p4_q239": value}), ROLE_KEY)
    assert scores.by_row == {Identity("default", 4, 239): ok(value)}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"REFUSAL"', REFUSAL),
        ("null", MISSING),
        ("-0", ok(0)),
        ('"3"', UNPARSED),
        ('"refusal"', UNPARSED),
        ('"REFUSAL "', UNPARSED),
        ('""', UNPARSED),
        ("2.5", ok(2.5)),
        ("3.0", ok(3)),
        ("3e0", ok(3)),
        ("100.0", ok(100)),
        ("100.5", OUT_OF_RANGE),
        ("-0.5", OUT_OF_RANGE),
        ("true", UNPARSED),
        ("false", UNPARSED),
        ("NaN", UNPARSED),
        ("Infinity", UNPARSED),
        ("-Infinity", UNPARSED),
        ("1e999", UNPARSED),
        ("[3]", UNPARSED),
        ("[]", UNPARSED),
        ('["REFUSAL"]', UNPARSED),
        ("{}", UNPARSED),
        ('{"score": 3}', UNPARSED),
        ("101", OUT_OF_RANGE),
        ("-1", OUT_OF_RANGE),
        (str(2**63), OUT_OF_RANGE),
        (str(-(2**63) - 1), OUT_OF_RANGE),
        ("9" * 400, OUT_OF_RANGE),
    ],
)
def test_every_other_value_of_a_trait_has_its_status(written: str, expected: Score, read: Read) -> None:
    scores = read(f'{{"pos_p0_q0": {written}, "pos_p0_q1": 3}}')
    assert scores.by_row == {Identity("pos", 0, 0): expected, Identity("pos", 0, 1): ok(3)}
    assert scores.unreadable_keys == scores.conflicting_keys == ()


@pytest.mark.parametrize("value", [4, 70, 100, -1])
def test_a_number_off_the_roles_scale_is_out_of_range_for_a_role(value: int) -> None:
    assert classify(value, ROLE) == OUT_OF_RANGE


def test_the_scale_is_that_of_the_kind() -> None:
    assert (classify(4, ROLE), classify(4, TRAIT)) == (OUT_OF_RANGE, ok(4))


def test_a_whole_score_is_an_integer_however_it_is_written() -> None:
    assert [type(classify(value, TRAIT).value) for value in (70, 70.0, 70.5)] == [int, int, float]


@pytest.mark.parametrize("value", [None, "REFUSAL", "3", 2.5, True, 101, -1, 3, [], float("nan")])
def test_only_ok_comes_with_a_value(value: Any) -> None:
    score = classify(value, TRAIT)
    assert (score.value is not None) == (score.status is ScoreStatus.OK)


def test_a_row_that_the_judge_did_not_score_is_missing(read: Read) -> None:
    scores = read('{"pos_p0_q0": 3}')
    assert scores.score_of(Identity("pos", 0, 0)) == ok(3)
    for row in (Identity("pos", 0, 1), Identity("pos", 1, 0), Identity("neg", 0, 0)):
        assert scores.score_of(row) == MISSING


def test_a_legacy_key_means_prompt_zero_and_is_counted(read: Read) -> None:
    scores = read('{"pos_0": 3, "neg_239": 4, "pos_p1_q0": 5}')
    assert scores.by_row == {
        Identity("pos", 0, 0): ok(3),
        Identity("neg", 0, 239): ok(4),
        Identity("pos", 1, 0): ok(5),
    }
    assert scores.legacy_keys == 2


def test_scores_of_neutral_rows_are_found_under_default_and_neutral(read: Read) -> None:
    scores = read('{"default_0": 1, "neutral_1": 2, "neutral_p1_q2": 3, "default_p1_q3": 0}', ROLE_KEY)
    assert scores.by_row == {
        Identity("default", 0, 0): ok(1),
        Identity("default", 0, 1): ok(2),
        Identity("default", 1, 2): ok(3),
        Identity("default", 1, 3): ok(0),
    }
    assert scores.legacy_keys == 3


@pytest.mark.parametrize(
    "pairs",
    [
        '"pos_p0_q1": 3, "pos_p0_q1": 3',
        '"pos_p0_q1": 3, "pos_1": 3',
        '"pos_1": 3, "pos_p0_q1": 3, "pos_1": 3',
        r'"pos_p0_q1": 3, "\u0070os_p0_q1": 3',
    ],
)
def test_a_key_given_twice_with_one_value_is_that_value(pairs: str, read: Read) -> None:
    scores = read(f"{{{pairs}}}")
    assert scores.by_row == {Identity("pos", 0, 1): ok(3)}
    assert scores.conflicting_keys == ()


@pytest.mark.parametrize(
    "pairs",
    [
        '"pos_p0_q1": 3, "pos_p0_q1": 4',
        '"pos_1": 3, "pos_p0_q1": 4',
        '"pos_p0_q1": 3, "pos_p0_q1": 4, "pos_p0_q1": 3',
        '"pos_p0_q1": 3, "pos_p0_q1": null',
        '"pos_p0_q1": null, "pos_p0_q1": 3',
        '"pos_p0_q1": 3, "pos_p0_q1": "REFUSAL"',
        '"pos_p0_q1": 3, "pos_p0_q1": 101',
        '"pos_p0_q1": "x", "pos_p0_q1": 3',
    ],
)
def test_a_key_given_twice_with_different_values_has_no_score_and_is_named(pairs: str, read: Read) -> None:
    scores = read(f"{{{pairs}}}")
    assert scores.by_row == {Identity("pos", 0, 1): UNPARSED}
    assert set(scores.conflicting_keys) == {"pos_p0_q1"}


@pytest.mark.parametrize("values", [(101, 150), ("a", "b"), ("a", 2.5), ([1], [2]), (True, 1)])
def test_a_conflict_of_unusable_values_is_named_too(values: tuple[Any, Any], read: Read) -> None:
    one, other = (json.dumps(value) for value in values)
    scores = read(f'{{"pos_p0_q1": {one}, "pos_p0_q1": {other}}}')
    assert scores.by_row == {Identity("pos", 0, 1): UNPARSED}
    assert scores.conflicting_keys == ("pos_p0_q1",)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "pos",
        "pos_",
        "pos_p0",
        "pos_p0_q",
        "pos_q0",
        "pos_p0_q0_",
        "pos_p0_q0\\n",
        " pos_p0_q0",
        "POS_p0_q0",
        "pos-p0-q0",
        "pos_p-1_q0",
        "pos_p0_q1.0",
        "pos_p0_q1e1",
        "pos_p0_q" + "1" * 7,
        "pos_p\u0661_q0",
        "default_p0_q0",
        "neutral_p0_q0",
        "average",
    ],
)
def test_a_key_that_names_no_row_of_a_trait_is_reported_and_scores_nothing(key: str, read: Read) -> None:
    scores = read(f'{{"{key}": 3, "pos_p0_q7": 3}}')
    assert scores.unreadable_keys == (json.loads(f'"{key}"'),)
    assert scores.by_row == {Identity("pos", 0, 7): ok(3)}
    assert scores.legacy_keys == 0


def test_a_label_of_traits_names_no_row_of_a_role(read: Read) -> None:
    assert read('{"neg_p0_q0": 3}', ROLE_KEY).unreadable_keys == ("neg_p0_q0",)


def test_a_very_long_key_is_reported_shortened(read: Read) -> None:
    assert read(json.dumps({"x" * 5000: 3})).unreadable_keys == ("x" * 80,)


def test_a_byte_order_mark_is_no_part_of_the_scores(read: Read) -> None:
    assert read(b'\xef\xbb\xbf{"pos_p0_q0": 3}').by_row == {Identity("pos", 0, 0): ok(3)}


def test_an_object_without_scores_scores_nothing(read: Read) -> None:
    scores = read("{}")
    assert (scores.by_row, scores.file_found) == ({}, True)


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("", 1),
        (" ", 1),
        ("{", 1),
        ('{\n"pos_p0_q0": 3,\n"pos_p0_q1" 3\n}', 3),
        ('{\n"pos_p0_q0": 3,\n}', 3),
        ('{"pos_p0_q0": 3}\n{"pos_p0_q1": 3}', 2),
        ("{'pos_p0_q0': 3}", 1),
        ('{\n"pos_p0_q0": None}', 2),
        ('{\n"pos_p0_q0": 03}', 2),
        ('{"a\nb": 3}', 1),
    ],
)
def test_broken_json_is_an_error_with_path_and_line(content: str, number: int, read: Read, tmp_path: Path) -> None:
    assert refusal(read, content).startswith(f"{tmp_path / 'scores.json'}, line {number}: ")


def test_invalid_utf8_is_an_error_with_path_and_line(read: Read, tmp_path: Path) -> None:
    message = refusal(read, b'{\n"pos_p0_q0": 3,\n"\xff": 4}')
    assert message.startswith(f"{tmp_path / 'scores.json'}, line 3: invalid UTF-8")


@pytest.mark.parametrize("content", ["[]", "null", "3", '"REFUSAL"', "true", '[{"pos_p0_q0": 3}]', "NaN"])
def test_a_file_that_is_no_object_is_an_error_with_path_and_line(content: str, read: Read, tmp_path: Path) -> None:
    message = refusal(read, content)
    assert message.startswith(f"{tmp_path / 'scores.json'}, line 1: ")
    assert "not an object of scores" in message


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 20_000])
def test_what_python_cannot_hold_is_an_error_with_the_path(content: str, read: Read, tmp_path: Path) -> None:
    assert refusal(read, content).startswith(f"{tmp_path / 'scores.json'}")


def test_a_number_of_more_digits_than_python_parses_is_out_of_range(read: Read) -> None:
    scores = read('{"pos_p0_q0": ' + "9" * 5000 + ', "pos_p0_q1": 7}')
    assert scores.score_of(Identity("pos", 0, 0)) == OUT_OF_RANGE
    assert scores.score_of(Identity("pos", 0, 1)) == ok(7)


def test_a_baseline_without_a_score_file_has_no_scores_and_no_error(tmp_path: Path) -> None:
    scores = read_scores(scores_at(tmp_path / "extract_scores" / "0_default.json"), SETTINGS)
    assert scores == Scores({})
    assert scores.score_of(Identity("default", 0, 0)) == MISSING


def test_a_file_larger_than_allowed_is_refused_with_the_setting(read: Read) -> None:
    assert "PERSONA_MAX_LINE_BYTES" in refusal(read, "{}" + " " * 100_000)


def test_a_folder_in_place_of_a_score_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.mkdir()
    with pytest.raises(RawDataError, match="is a folder"):
        read_scores(scores_at(path), SETTINGS)


@pytest.mark.parametrize("target", ["gone.json", "scores.json"])
def test_a_score_file_that_is_a_link_to_nothing_is_not_taken_for_a_baseline(target: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.symlink_to(tmp_path / target)
    with pytest.raises(RawDataError, match="leads nowhere"):
        read_scores(scores_at(path), SETTINGS)


def test_an_error_of_the_disk_names_the_score_file(tmp_path: Path) -> None:
    path = tmp_path / "scores.json"
    path.symlink_to("/proc/self/mem")
    with pytest.raises(RawDataError, match=r"scores\.json"):
        read_scores(scores_at(path), SETTINGS)


def test_a_score_file_with_more_entries_than_any_judge_gives_is_refused_before_they_are_made(tmp_path: Path) -> None:
    settings = Settings(max_prompts=1, max_questions=2)  # four rows of a role can be scored
    path = tmp_path / "scores.json"
    path.write_text(f'{{"pos_p0_q0": [{",".join("1" * 401)}]}}')
    assert read_scores(scores_at(path), settings).score_of(Identity("pos", 0, 0)).status is ScoreStatus.UNPARSED
    path.write_text(f'{{"pos_p0_q0": [{",".join("1" * 402)}]}}')
    with pytest.raises(RawDataError, match=r"scores\.json has more than 400 commas"):
        read_scores(scores_at(path), settings)
