"""The statistics of a key come back from disk as they were, and what is damaged is refused with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE
from persona_assets.stages.token_stats.statistics_file import read_statistics
from persona_assets.statistics.summaries import summarise
from persona_assets.store.records import write_record
from persona_assets_tests.statistics.counted_rows import counts_of, made_up_rows, statistics_of

KEY = DatasetKey.parse("qwen-3-32b__role__alien")
SUMMARY = summarise(counts_of(made_up_rows(ROLE, 60)), long_answer_tokens=200, max_score=3)
STATISTICS = statistics_of("qwen-3-32b", ROLE, "alien", SUMMARY, {f"{KEY}__min3": SUMMARY})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "persona_token_stats" / f"{KEY}.json"
    path.parent.mkdir()
    write_record(path, STATISTICS)
    return path


def test_what_is_read_is_what_was_written(path: Path, tmp_path: Path) -> None:
    assert read_statistics(tmp_path, KEY) == STATISTICS
    assert read_statistics(tmp_path, KEY).summary == SUMMARY


def test_missing_statistics_name_who_makes_them(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=f"materialise token_stats of {KEY} first") as caught:
        read_statistics(tmp_path, KEY)
    assert (caught.value.key, caught.value.stage) == (str(KEY), "token_stats")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"all": {}}, "all"),
        ({"by_score": {"high": {}}}, "by_score"),
        ({"by_prompt": {"pos": {}}}, "by_prompt"),
        ({"by_length": {"-20": 1}}, "by_length"),
        ({"by_length": {"20": -1}}, "by_length"),
        ({"thresholds": [{"min_score": -1, "conversations": 0, "tokens": 0}]}, "thresholds"),
        ({"tokenizer": {"id": 3}}, "tokenizer"),
        ({"counting": {"path": "gigatoken", "verified": -1}}, "counting"),
        ({"variants": {"qwen-3-32b__role__other__min3": {}}}, "variants"),
    ],
)
def test_a_damaged_record_is_refused_with_the_place(
    path: Path, tmp_path: Path, change: dict[str, Any], place: str
) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(InconsistentOutputError, match=rf"\$\.{place}.*materialise token_stats of {KEY} again"):
        read_statistics(tmp_path, KEY)


def test_a_variant_of_another_key_is_refused(path: Path, tmp_path: Path) -> None:
    stored = json.loads(path.read_text(encoding="utf-8"))
    other = {"qwen-3-32b__role__other__min3": stored["variants"][f"{KEY}__min3"]}
    path.write_text(json.dumps(stored | {"variants": other}), encoding="utf-8")
    with pytest.raises(InconsistentOutputError, match=r"is no variant of .* - at `\$\.variants`"):
        read_statistics(tmp_path, KEY)
