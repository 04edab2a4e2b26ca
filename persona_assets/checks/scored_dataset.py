"""Checks of scored_dataset, from the dataset folder on disk."""

from collections import Counter
from typing import Any

from persona_assets.checks.names import SCHEMA, SCORE_COVERAGE, SCORE_FILE_ACCOUNTED, SCORE_RANGE
from persona_assets.checks.outcomes import CheckOutcome, first
from persona_assets.errors import InconsistentOutputError
from persona_assets.raw.scores import ScoreStatus
from persona_assets.stages.names import SCORED_DATASET
from persona_assets.stages.work import KeyWork

MIN_COVERAGE = 0.9
UNSCORED_LABEL = "default"
"""Baselines are made without a persona, and no judge is asked about them."""


def check_scored_dataset(work: KeyWork) -> list[CheckOutcome]:
    section = work.manifest.section(SCORED_DATASET)
    try:
        table = work.stored(work.name)
    except InconsistentOutputError as error:
        return [CheckOutcome(SCHEMA, passed=False, facts={"error": str(error)})]
    rows = table.select(["label", "prompt_index", "question_index", "extract_score", "score_status"]).to_pylist()
    columns = {field.name: str(field.type) for field in table.schema}
    return [
        CheckOutcome(SCHEMA, len(rows) == section["rows"], {"rows": len(rows), "columns": columns}),
        _score_range(work, rows),
        _score_coverage(rows),
        _score_file_accounted(section),
    ]


def _score_range(work: KeyWork, rows: list[dict[str, Any]]) -> CheckOutcome:
    scale = work.key.kind.scores
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


def _score_coverage(rows: list[dict[str, Any]]) -> CheckOutcome:
    asked = Counter(row["label"] for row in rows if row["label"] != UNSCORED_LABEL)
    scored = Counter(row["label"] for row in rows if row["score_status"] == ScoreStatus.OK)
    coverage = {label: round(scored[label] / count, 4) for label, count in sorted(asked.items())}
    facts = {"coverage": coverage, "statuses": dict(sorted(Counter(row["score_status"] for row in rows).items()))}
    return CheckOutcome(SCORE_COVERAGE, all(share >= MIN_COVERAGE for share in coverage.values()), facts)


def _score_file_accounted(section: dict[str, Any]) -> CheckOutcome:
    unusable = {
        status.value: section["score_status"].get(status.value, 0)
        for status in (ScoreStatus.UNPARSED, ScoreStatus.OUT_OF_RANGE)
    }
    keys = ("unreadable_score_keys", "conflicting_score_keys", "scores_without_row")
    facts = unusable | {name: len(section[name]) for name in keys}
    offenders = {f"first_{name}": first(section[name]) for name in keys if section[name]}
    return CheckOutcome(SCORE_FILE_ACCOUNTED, not any(facts.values()), facts | offenders)
