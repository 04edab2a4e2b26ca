"""Checks of scored_dataset, from the dataset folder on disk."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.raw.scores import ScoreStatus
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stages.scored_dataset.spec import (
    SCHEMA,
    SCORE_COVERAGE,
    SCORE_FILE_ACCOUNTED,
    SCORE_RANGE,
    SCORED_DATASET,
    ScoredDatasetRecord,
)

MIN_COVERAGE = 0.9
UNSCORED_LABEL = "default"
"""Baselines are made without a persona, and no judge is asked about them."""


def check(context: StageContext[DatasetKey], table: pa.Table) -> Sequence[CheckOutcome]:
    record = context.manifest.get(SCORED_DATASET)
    rows = table.select(["label", "prompt_index", "question_index", "extract_score", "score_status"]).to_pylist()
    columns = {field.name: str(field.type) for field in table.schema}
    return [
        CheckOutcome(SCHEMA, len(rows) == record.rows, {"rows": len(rows), "columns": columns}),
        _check_score_range(context.key, rows),
        _check_coverage(rows),
        _check_score_file(record),
    ]


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
    return CheckOutcome(SCORE_RANGE, not wrong, facts)


def _check_coverage(rows: list[dict[str, Any]]) -> CheckOutcome:
    asked = Counter(row["label"] for row in rows if row["label"] != UNSCORED_LABEL)
    scored = Counter(row["label"] for row in rows if row["score_status"] == ScoreStatus.OK)
    coverage = {label: round(scored[label] / count, 4) for label, count in sorted(asked.items())}
    facts = {"coverage": coverage, "statuses": dict(sorted(Counter(row["score_status"] for row in rows).items()))}
    return CheckOutcome(SCORE_COVERAGE, all(share >= MIN_COVERAGE for share in coverage.values()), facts)


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
    return CheckOutcome(SCORE_FILE_ACCOUNTED, not any(facts.values()), facts | offenders)
