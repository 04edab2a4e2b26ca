"""How scored_dataset looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import (
    COLUMN_SCHEMA,
    ROW_COUNT,
    Shown,
    ShownJson,
    ShownPath,
    ShownSchema,
    ShownTable,
)
from persona_assets.stages.scored_dataset.make import ScoredDatasetMade


def show(made: ScoredDatasetMade) -> Mapping[str, Shown]:
    return {
        "path": ShownPath(made.folder),
        ROW_COUNT: made.rows,
        COLUMN_SCHEMA: ShownSchema.of(made.schema),
        "scored_rows": made.statuses["ok"],
        "score_status": ShownJson(dict(sorted(made.statuses.items()))),
        "labels": ShownJson(dict(sorted(made.labels.items()))),
        "score_file": ShownPath(made.score_files[0]) if made.score_files else "none: unscored baseline",
        "scores_without_row": len(made.scores_without_row),
        "unreadable_score_keys": len(made.unreadable_score_keys),
        "conflicting_score_keys": len(made.conflicting_score_keys),
        "legacy_score_keys": made.legacy_score_keys,
        "preview": ShownTable(made.preview),
    }
