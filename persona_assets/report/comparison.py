"""The page that lays models side by side: each persona under every model, against what a model says without one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

from persona_assets.collection.survey import State
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS
from persona_assets.plots.bands import BANDS
from persona_assets.report.baselines import find_baselines, is_baseline
from persona_assets.report.key_row import KeyRow
from persona_assets.report.rendering import TABLE, render
from persona_assets.report.summary import Entry, Summary

COLUMNS = ("kind", "persona", "failing", "models")
FAILING_SHARE = 0.5
"""A persona fails under a model if it keeps less than this part of what it keeps under the others."""


class UnderModel(msgspec.Struct, frozen=True):
    """One persona under one model."""

    key: str
    state: str
    rows: int
    scored: int
    kept: int
    mean_score: float | None
    median_answer: float | None
    bands: list[int]
    """The rows that show the persona, by score band."""
    length_ratio: float | None
    """Its median answer over that of the model's baseline."""
    score_difference: float | None
    """Its mean score less that of the model's baseline; null unless a judge scored both."""


def render_comparison(summary: Summary) -> str:
    """Render the page of personas by model."""
    entries = list(summary.keys.values())
    baselines = _find_baselines(summary)
    models = sorted({entry.row.model for entry in entries})
    grouped: dict[tuple[str, str], dict[str, Entry]] = defaultdict(dict)
    for entry in entries:
        if not is_baseline(entry.row.persona):
            grouped[entry.row.kind, entry.row.persona][entry.row.model] = entry
    rows = [
        (kind, persona, find_failing(found), [_describe(found.get(model), baselines.get(model)) for model in models])
        for (kind, persona), found in sorted(grouped.items())
    ]
    return render(
        "comparison.html.j2",
        (*TABLE, "templates/table.js", "templates/comparison.js"),
        {"columns": COLUMNS, "rows": rows, "models": models, "scales": {k.name: k.max_score for k in KINDS.values()}},
        here="comparison.html",
        up="",
        models=models,
        baselines=[_describe_baseline(model, baselines.get(model)) for model in models],
        kinds=[name for name in KINDS if any(kind == name for kind, _ in grouped)],
        bands={name: BANDS[name] for name in KINDS},
    )


def find_failing(under: Mapping[str, Entry]) -> list[str]:
    """The models under which a persona fails, if there is one under which it does not."""
    shares = {model: _keep_share(entry) for model, entry in under.items()}
    failing = [model for model in sorted(shares) if _fails(shares[model], _list_others(shares, model))]
    return failing if len(failing) < len(shares) else []


def _keep_share(entry: Entry) -> float:
    usable = entry.state in (State.PASSED, State.WARNED)
    return entry.row.kept / entry.row.rows if usable and entry.row.rows else 0.0


def _list_others(shares: Mapping[str, float], model: str) -> Sequence[float]:
    return [share for other, share in shares.items() if other != model]


def _fails(share: float, others: Sequence[float]) -> bool:
    return bool(others) and share < FAILING_SHARE * median(others)


def _find_baselines(summary: Summary) -> Mapping[str, KeyRow]:
    found = find_baselines(map(DatasetKey.parse, summary.keys))
    return {model: summary.keys[str(key)].row for model, key in found.items()}


def _describe_baseline(model: str, row: KeyRow | None) -> tuple[str, KeyRow | None, float | None]:
    return model, row, average_scores(row) if row else None


def _describe(entry: Entry | None, baseline: KeyRow | None) -> UnderModel | None:
    if entry is None:
        return None
    row = entry.row
    usual = baseline.median_answer if baseline else None
    return UnderModel(
        row.key,
        entry.state,
        row.rows,
        row.scored,
        row.kept,
        row.mean_score,
        row.median_answer,
        _count_bands(row),
        round(row.median_answer / usual, 3) if usual and row.median_answer is not None else None,
        _subtract(row.mean_score, average_scores(baseline) if baseline else None),
    )


def average_scores(row: KeyRow) -> float | None:
    """The mean score of all its rows, whatever their label; baselines have none that show a persona."""
    tallies = [(score, rows) for tally in row.labels.values() for score, (rows, _) in tally.scores.items()]
    scored = sum(rows for _, rows in tallies)
    return sum(score * rows for score, rows in tallies) / scored if scored else None


def _subtract(score: float | None, usual: float | None) -> float | None:
    return None if score is None or usual is None else round(score - usual, 4)


def _count_bands(row: KeyRow) -> list[int]:
    kind = KINDS[row.kind]
    tally = row.labels.get(kind.labels[0])
    if tally is None:
        return []
    scores = {**{score: rows for score, (rows, _) in tally.scores.items()}}
    by_band = [sum(rows for score, rows in scores.items() if band.holds(score)) for band in BANDS[kind.name]]
    by_band[-1] += tally.unscored[0]
    return by_band
