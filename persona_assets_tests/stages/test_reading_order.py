"""What a stage shows of its result begins with a line that sums it up, and ends with what only programs read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.settings import load_settings
from persona_assets.stage.outcomes import Unchanged
from persona_assets.stage.shown import ROW_COUNT, Shown, ShownJson, ShownPicture, ShownTable
from persona_assets.stages.scored_dataset.preview import preview
from persona_assets_tests.raw_corpus import GEMMA, write_persona
from persona_assets_tests.stage_names import STAGES

ROLE, TRAIT = f"{GEMMA}__role__pirate", f"{GEMMA}__trait__blunt"


@pytest.fixture(params=[ROLE, TRAIT])
def shown(request: pytest.FixtureRequest, workspace: Path) -> Mapping[str, Mapping[str, Shown]]:
    """What each stage shows of one key."""
    write_persona(workspace / "persona-data", request.param)
    settings = load_settings()
    key = DatasetKey.parse(request.param)
    outcome = materialise_key(key, settings, variants=settings.variants_of(key.kind))
    assert outcome.failure is None, outcome.failure
    return shown_of(outcome)


def shown_of(outcome: KeyOutcome) -> Mapping[str, Mapping[str, Shown]]:
    """What is shown of stages that were made."""
    return {stage: made for stage, made in outcome.made.items() if not isinstance(made, Unchanged)}


def test_every_stage_begins_with_one_line_that_has_numbers(shown: Mapping[str, Mapping[str, Shown]]) -> None:
    assert tuple(shown) == STAGES
    for stage, entries in shown.items():
        name, summary = next(iter(entries.items()))
        assert name == "summary", stage
        assert isinstance(summary, str)
        assert len(summary.splitlines()) == 1
        assert any(letter.isdigit() for letter in summary), summary


def test_pictures_and_tables_come_before_numbers_and_hashes_come_last(
    shown: Mapping[str, Mapping[str, Shown]],
) -> None:
    for stage, entries in shown.items():
        names = list(entries)
        kinds = [type(entry) for entry in entries.values()]
        if stage == "scored_dataset":
            assert names[1] == "preview"
        if ShownPicture in kinds:
            assert kinds[1] is ShownPicture
        hashes = [place for place, name in enumerate(names) if "sha256" in name or kinds[place] is ShownJson]
        assert all(place >= len(names) - 2 for place in hashes), names


def test_the_row_count_is_that_of_the_dataset_and_no_sum_over_variants(
    shown: Mapping[str, Mapping[str, Shown]],
) -> None:
    rows = shown["scored_dataset"][ROW_COUNT]
    of_rows = [entries for stage, entries in shown.items() if stage != "contrast_pairs" and ROW_COUNT in entries]
    assert {entries[ROW_COUNT] for entries in of_rows} == {rows}


def test_numbers_of_bytes_and_tokens_say_so_in_their_names(shown: Mapping[str, Mapping[str, Shown]]) -> None:
    names = {name for entries in shown.values() for name in entries}
    assert {"bytes", "mean", "p50", "p95", "max", "truncated"} & names == set()
    assert {"size_bytes", "source_bytes", "median_tokens", "p95_tokens", "rows_truncated"} <= names


def test_scores_of_a_long_scale_are_shown_in_steps_that_end_with_the_scale(workspace: Path) -> None:
    write_persona(workspace / "persona-data", TRAIT)
    table = shown_of(materialise_key(DatasetKey.parse(TRAIT), load_settings()))["token_stats"]["tokens_by_score"]
    assert isinstance(table, ShownTable)
    bands = [str(row["score"]) for row in table.rows]
    assert set(bands) <= {*(f"{low}-{low + 9}" for low in range(0, 100, 10)), "100", "no score"}


def rows_of(scores: Mapping[str, Sequence[int | None]]) -> pa.Table:
    rows = [
        {
            "label": label,
            "prompt_index": 0,
            "question_index": place,
            "question": "Why?\n" * 100,
            "messages": [{"role": "assistant", "content": "Because.\n\n" * 100}],
            "extract_score": score,
            "score_status": "missing" if score is None else "ok",
        }
        for label, given in scores.items()
        for place, score in enumerate(given)
    ]
    return pa.Table.from_pylist(rows)


def test_a_preview_has_a_row_of_every_label_and_band_of_scores_and_one_without(workspace: Path) -> None:
    few: list[int | None] = [0, 1, 2, None]
    role = preview(rows_of({"pos": [3] * 50 + few}), DatasetKey.parse(ROLE))
    assert [row["score"] for row in role] == [3, 2, 1, 0, "missing"]
    scores = [*range(101), None]
    trait = preview(rows_of({"neg": scores, "pos": scores}), DatasetKey.parse(TRAIT))
    assert [row["row"].partition("_")[0] for row in trait] == ["pos"] * 5 + ["neg"] * 5
    of_pos = [row["score"] for row in trait[:4]]
    assert of_pos == sorted(of_pos, reverse=True)
    assert KINDS["trait"].max_score // 4 <= of_pos[2] < 50 <= of_pos[1] < 75 <= of_pos[0]


def test_a_preview_is_short_enough_to_be_read(workspace: Path) -> None:
    (row,) = preview(rows_of({"pos": [3]}), DatasetKey.parse(ROLE))
    assert row["row"] == "pos_p0_q0"
    assert len(row["question"]) < 130
    assert len(row["answer"]) < 300
    assert "\n" not in row["question"] + row["answer"]
