"""The page that says what each minimum score keeps. The browser adds up exact counts of rows and tokens."""

from collections.abc import Mapping, Sequence

from persona_assets.kinds import KINDS, Kind
from persona_assets.report.baselines import is_baseline
from persona_assets.report.key_row import LabelTally, main_variant
from persona_assets.report.rendering import CURVES, TABLE, render
from persona_assets.report.summary import Summary

COLUMNS = ("key", "model", "kind", "persona", "rows", "labels")


def render_thresholds(summary: Summary) -> str:
    """Render the page of minimum scores."""
    rows = [entry.row for entry in summary.keys.values() if entry.row.rows and not is_baseline(entry.row.persona)]
    kinds = [kind for kind in KINDS.values() if any(row.kind == kind.name for row in rows)]
    return render(
        "thresholds.html.j2",
        (*TABLE, *CURVES, "templates/table.js", "templates/thresholds.js"),
        {
            "columns": COLUMNS,
            "rows": [
                (row.key, row.model, row.kind, row.persona, row.rows, _list_tallies(row.labels)) for row in rows
            ],
            "kinds": {kind.name: _describe(kind, summary.variants[kind.name]) for kind in kinds},
        },
        here="thresholds.html",
        up="",
        kinds=[kind.name for kind in kinds],
        models=sorted({row.model for row in rows}),
    )


def _describe(kind: Kind, variants: Sequence[str]) -> dict[str, object]:
    variant = main_variant(kind)
    return {
        "plural": kind.plural,
        "labels": kind.labels,
        "max_score": kind.max_score,
        "minimum": variant.min_score,
        "label": variant.label or "",
        "variants": variants,
    }


def _list_tallies(labels: Mapping[str, LabelTally]) -> dict[str, list[list[int]]]:
    """For each label, the scores that occur, with their rows and their tokens."""
    return {
        label: [[score, *tally.scores[score]] for score in sorted(tally.scores)] for label, tally in labels.items()
    }
