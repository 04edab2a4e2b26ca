"""The tidy table holds what the records hold, one row per group."""

from typing import Any

import pyarrow.compute as pc
import pytest
from msgspec.structs import asdict

from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.statistics.key_statistics import KeyStatistics, Summary
from persona_assets.statistics.summaries import summarise
from persona_assets.statistics.tidy import TIDY_SCHEMA, tidy_statistics
from persona_assets_tests.statistics.counted_rows import counts_of, made_up_rows, statistics_of

IDENTITY = ("model", "type", "name", "variant", "group", "score", "label", "prompt_index")


def record(model: str, kind: Kind, name: str, variants: tuple[str, ...] = (), rows: int = 60) -> KeyStatistics:
    def summary(seed: str) -> Summary:
        counts = counts_of(made_up_rows(kind, rows, seed=len(seed)))
        return summarise(counts, long_answer_tokens=200, max_score=kind.max_score)

    made = {f"{model}__{kind.name}__{name}__{variant}": summary(variant) for variant in variants}
    return statistics_of(model, kind, name, summary(""), made)


RECORDS = (
    record("gemma-2-27b", ROLE, "alien", ("min3",)),
    record("qwen-3-32b", TRAIT, "calm", ("pos", "min70__pos")),
    record("qwen-3-32b", ROLE, "0_default"),
)


def test_every_number_of_every_record_is_in_exactly_one_row() -> None:
    found = {tuple(row[name] for name in IDENTITY): row for row in tidy_statistics(RECORDS).to_pylist()}
    assert len(found) == tidy_statistics(RECORDS).num_rows
    expected = dict(pair for one in RECORDS for pair in flattened(one))
    assert {
        place: {name: row[name] for name in row if name not in IDENTITY} for place, row in found.items()
    } == expected


def test_a_group_of_a_dataset_sums_to_the_whole() -> None:
    table = tidy_statistics(RECORDS)
    totals = table.group_by(["model", "type", "name", "variant", "group"]).aggregate([("tokens", "sum")]).to_pylist()
    per_dataset: dict[Any, set[int]] = {}
    for row in totals:
        per_dataset.setdefault((row["model"], row["name"], row["variant"]), set()).add(row["tokens_sum"])
    assert len(per_dataset) == 6
    assert all(len(sums) == 1 for sums in per_dataset.values())


def test_rows_stand_in_the_order_of_the_records() -> None:
    names = tidy_statistics(reversed(RECORDS))["name"].to_pylist()
    assert list(dict.fromkeys(names)) == ["0_default", "calm", "alien"]


@pytest.mark.parametrize("records", [[], [record("qwen-3-32b", ROLE, "alien", ("min3",), rows=0)], RECORDS])
def test_the_schema_is_the_same_whatever_the_records_hold(records: list[KeyStatistics]) -> None:
    table = tidy_statistics(records)
    assert table.schema.equals(TIDY_SCHEMA)
    for name, column in zip(table.column_names, table.columns, strict=True):
        assert TIDY_SCHEMA.field(name).nullable or column.null_count == 0


def test_a_label_may_hold_what_separates_it_from_the_prompt() -> None:
    rows = [row | {"label": "a_p1_p2"} for row in made_up_rows(ROLE, 5)]
    summary = summarise(counts_of(rows), long_answer_tokens=1, max_score=3)
    one = statistics_of("qwen-3-32b", ROLE, "alien", summary)
    table = tidy_statistics([one])
    prompts = table.filter(pc.equal(table["group"], "prompt"))
    assert set(prompts["label"].to_pylist()) == {"a_p1_p2"}
    assert set(prompts["prompt_index"].to_pylist()) == {row["prompt_index"] for row in rows}


def flattened(one: KeyStatistics) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Every description of a record with the place it must have in the table."""
    prefix = f"{one.model}__{one.type}__{one.name}__"
    summaries = {None: one.summary} | {name.removeprefix(prefix): summary for name, summary in one.variants.items()}
    pairs: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    for variant, summary in summaries.items():
        dataset = (one.model, one.type, one.name, variant)
        pairs.append(((*dataset, "all", None, None, None), asdict(summary.all)))
        for score, description in summary.by_score.items():
            pairs.append(
                ((*dataset, "score", None if score == "null" else int(score), None, None), asdict(description))
            )
        for label, description in summary.by_label.items():
            pairs.append(((*dataset, "label", None, label, None), asdict(description)))
        for prompt, description in summary.by_prompt.items():
            label, index = prompt.split("_p")
            pairs.append(((*dataset, "prompt", None, label, int(index)), asdict(description)))
    return pairs
