"""Checks of scored_dataset, from the dataset folder on disk."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.raw.scores import ScoreStatus
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stage.wording import count, percent, tally
from persona_assets.stages.scored_dataset.spec import (
    SCHEMA,
    SCORE_COVERAGE,
    SCORE_FILE_ACCOUNTED,
    SCORE_RANGE,
    SCORED_DATASET,
    ScoredDatasetRecord,
)

MIN_COVERAGE = 0.9
_IN_WORDS = {
    "unreadable_score_keys": "unreadable",
    "conflicting_score_keys": "conflicting",
    "scores_without_row": "without a row",
}
UNSCORED_LABEL = "default"
"""Baselines are made without a persona, and no judge is asked about them."""


def check(context: StageContext[DatasetKey], table: pa.Table) -> Sequence[CheckOutcome]:
    record = context.manifest.get(SCORED_DATASET)
    rows = table.select(["label", "prompt_index", "question_index", "extract_score", "score_status"]).to_pylist()
    columns = {field.name: str(field.type) for field in table.schema}
    return [
        _check_schema(len(rows), record.rows, columns),
        _check_score_range(context.key, rows),
        _check_coverage(rows),
        _check_score_file(record),
    ]


def _check_schema(rows: int, recorded: int, columns: Mapping[str, str]) -> CheckOutcome:
    sentence = f"{count(rows, 'row')} with the documented columns"
    if rows != recorded:
        sentence = f"{count(rows, 'row')} in the folder, but {recorded:,} recorded"
    return CheckOutcome(SCHEMA, rows == recorded, {"rows": rows, "columns": columns}, sentence)


def _check_score_range(key: DatasetKey, rows: list[dict[str, Any]]) -> CheckOutcome:
    scale = key.kind.scores
    wrong = [
        row
        for row in rows
        if (row["extract_score"] in scale) != (row["score_status"] == ScoreStatus.OK)
        or (row["score_status"] != ScoreStatus.OK and row["extract_score"] is not None)
    ]
    scores = [row["extract_score"] for row in rows if row["extract_score"] is not None]
    facts = {
        "scale": f"{scale.start}-{scale[-1]}",
        "lowest": min(scores, default=None),
        "highest": max(scores, default=None),
        "scored": len(scores),
        "wrong": len(wrong),
        "first_wrong": first(wrong),
    }
    return CheckOutcome(SCORE_RANGE, not wrong, facts, _describe_range(facts, len(rows), wrong))


def _describe_range(facts: Mapping[str, Any], rows: int, wrong: Sequence[Mapping[str, Any]]) -> str:
    if wrong:
        row = "{label}_p{prompt_index}_q{question_index}".format_map(wrong[0])
        return (
            f"{len(wrong):,} of {count(rows, 'row')} with a score off the scale {facts['scale']} or unlike its "
            f"status; first: {row}, score {wrong[0]['extract_score']}, status {wrong[0]['score_status']}"
        )
    if not facts["scored"]:
        return f"none of {count(rows, 'row')} has a score"
    return (
        f"{count(facts['scored'], 'score')} from {facts['lowest']} to {facts['highest']}, "
        f"all on the scale {facts['scale']}"
    )


def _check_coverage(rows: list[dict[str, Any]]) -> CheckOutcome:
    asked = Counter(row["label"] for row in rows if row["label"] != UNSCORED_LABEL)
    scored = Counter(row["label"] for row in rows if row["score_status"] == ScoreStatus.OK)
    coverage = {label: round(scored[label] / count, 4) for label, count in sorted(asked.items())}
    statuses = dict(sorted(Counter(row["score_status"] for row in rows).items()))
    sentence = f"nothing for the judge to score: {count(len(rows), 'row')} of a baseline"
    if asked:
        shares = ", ".join(f"{label} {percent(scored[label], asked[label])}" for label in sorted(asked))
        sentence = f"{shares} scored, {percent(MIN_COVERAGE)} asked{_describe_unscored(rows)}"
    passed = all(share >= MIN_COVERAGE for share in coverage.values())
    return CheckOutcome(SCORE_COVERAGE, passed, {"coverage": coverage, "statuses": statuses}, sentence)


def _describe_unscored(rows: Iterable[Mapping[str, Any]]) -> str:
    unscored = Counter(row["score_status"] for row in rows if row["label"] != UNSCORED_LABEL)
    del unscored[ScoreStatus.OK]
    return f"; {tally(unscored)}" if unscored else ""


def _check_score_file(record: ScoredDatasetRecord) -> CheckOutcome:
    unusable = {
        status.value: record.score_status.get(status.value, 0)
        for status in (ScoreStatus.UNPARSED, ScoreStatus.OUT_OF_RANGE)
    }
    entries = {
        "unreadable_score_keys": record.unreadable_score_keys,
        "conflicting_score_keys": record.conflicting_score_keys,
        "scores_without_row": record.scores_without_row,
    }
    facts = unusable | {name: len(found) for name, found in entries.items()}
    offenders = {f"first_{name}": first(found) for name, found in entries.items() if found}
    used = record.score_status.get(ScoreStatus.OK.value, 0)
    sentence = f"{count(used, 'score')} used, and no other entry in the score file"
    if any(facts.values()):
        named = next((f"; first: {found[0]}" for found in entries.values() if found), "")
        found = {_IN_WORDS.get(name, name): number for name, number in facts.items() if number}
        sentence = f"{count(used, 'score')} used; entries not used: {tally(found)}{named}"
    return CheckOutcome(SCORE_FILE_ACCOUNTED, not any(facts.values()), facts | offenders, sentence)
