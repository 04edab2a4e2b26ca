"""How scored_dataset looks in the UI."""

from collections.abc import Mapping

from persona_assets.stage.shown import ROW_COUNT, Shown, ShownPath, ShownTable
from persona_assets.stage.wording import count, percent, tally
from persona_assets.stages.scored_dataset.make import ScoredDatasetMade


def show(made: ScoredDatasetMade) -> Mapping[str, Shown]:
    return {
        "summary": _summarise(made),
        "preview": ShownTable(made.preview),
        ROW_COUNT: made.rows,
        "scored_rows": made.statuses["ok"],
        "rows_by_status": ShownTable({"status": name, "rows": rows} for name, rows in sorted(made.statuses.items())),
        "rows_by_label": ShownTable({"label": name, "rows": rows} for name, rows in sorted(made.labels.items())),
        "scores_without_row": len(made.scores_without_row),
        "unreadable_score_keys": len(made.unreadable_score_keys),
        "conflicting_score_keys": len(made.conflicting_score_keys),
        "legacy_score_keys": made.legacy_score_keys,
        "path": ShownPath(made.folder),
        "score_file": ShownPath(made.score_files[0]) if made.score_files else "none: unscored baseline",
    }


def _summarise(made: ScoredDatasetMade) -> str:
    unscored = {name: rows for name, rows in made.statuses.items() if name != "ok" and rows}
    scored = f"{percent(made.statuses['ok'], made.rows)} scored" if made.statuses["ok"] else "none scored"
    others = f" ({tally(unscored)})" if unscored and made.statuses["ok"] else ""
    return f"{count(made.rows, 'row')} ({tally(made.labels)}), {scored}{others}"
