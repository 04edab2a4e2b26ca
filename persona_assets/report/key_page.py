"""The page of one key: how it stands, what it holds, and some of its conversations."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.plots.bands import BANDS, Band
from persona_assets.report.checks_in_words import describe_checks
from persona_assets.report.conversations import list_exchanges
from persona_assets.report.figures import draw_answer_tokens, draw_scores
from persona_assets.report.key_files import KeyFiles
from persona_assets.report.key_row import KeyRow, main_variant
from persona_assets.report.offenders import list_offenders, list_raw_paths
from persona_assets.report.rendering import render
from persona_assets.report.rows import NONE, Flags, Rows
from persona_assets.stages.raw_conversations.spec import QUARANTINE, RAW_CONVERSATIONS
from persona_assets.stages.registry import list_stages
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.stages.token_stats.spec import PICTURE
from persona_assets.workspace import Workspace

_QUANTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True)
class Standing:
    """How a key stands in the catalogue."""

    state: str
    reason: str


@dataclass(frozen=True)
class StatisticsLine:
    """Rows of one label, or of one label and score band."""

    label: str
    score: str
    band: int | None
    rows: int
    tokens: int
    quantiles: tuple[float | None, ...]
    longest: int | None

    @property
    def total(self) -> bool:
        return self.band is None


@dataclass(frozen=True)
class Version:
    stage: str
    data_version: str | None
    code: str
    commit: str | None
    outputs: int


def render_key(
    workspace: Workspace,
    files: KeyFiles,
    rows: Rows | None,
    row: KeyRow,
    standing: Standing,
    baseline: tuple[DatasetKey, str] | None,
) -> str:
    """Render the page of a key."""
    kind = files.key.kind
    raw = files.manifest.find(RAW_CONVERSATIONS)
    return render(
        "key.html.j2",
        ("templates/key.js",),
        here="",
        up="../",
        row=row,
        kind=kind,
        variant=main_variant(kind),
        state=standing.state,
        reason=standing.reason,
        problems=files.problems,
        checks=describe_checks(files.outcome),
        ledger=raw.ledger if raw else None,
        raw_paths=list_raw_paths(files),
        offenders=list_offenders(files),
        quarantine=QUARANTINE.path(workspace.root, files.key).relative_to(workspace.root),
        versions=list(_list_versions(files)),
        dataset=DATASET_FOLDER.path(workspace.root, files.key),
        picture=_find_picture(workspace, files.key),
        **(_show_rows(workspace, files, rows, baseline) if rows is not None and len(rows) else {"has_rows": False}),
    )


def _show_rows(
    workspace: Workspace, files: KeyFiles, rows: Rows, baseline: tuple[DatasetKey, str] | None
) -> dict[str, object]:
    kind = files.key.kind
    return {
        "has_rows": True,
        "scores": draw_scores(rows, kind),
        "lengths": draw_answer_tokens(rows, kind),
        "bands": [(number, band, int(_select(rows, band).sum())) for number, band in enumerate(BANDS[kind.name])],
        "exchanges": list_exchanges(workspace, files, rows, baseline),
        "baseline": str(baseline[0]) if baseline else "",
        "statistics": list(_list_statistics(rows, kind)),
    }


def _list_statistics(rows: Rows, kind: Kind) -> Iterator[StatisticsLine]:
    for label in kind.row_labels:
        of_label = rows.labels == label
        if of_label.any():
            for number, band in enumerate(BANDS[kind.name]):
                chosen = of_label & _select(rows, band)
                if chosen.any():
                    yield _measure(rows, chosen, label, band.label, number)
            yield _measure(rows, of_label, label, "all", None)


def _measure(rows: Rows, chosen: Flags, label: str, score: str, band: int | None) -> StatisticsLine:
    counted = chosen & (rows.answer_tokens != NONE)
    answers = rows.answer_tokens[counted]
    quantiles = np.percentile(answers, _QUANTILES).tolist() if len(answers) else [None] * len(_QUANTILES)
    tokens = int(rows.tokens[chosen & (rows.tokens != NONE)].sum())
    longest = int(answers.max()) if len(answers) else None
    return StatisticsLine(label, score, band, int(chosen.sum()), tokens, tuple(quantiles), longest)


def _select(rows: Rows, band: Band) -> Flags:
    if band.low is None or band.high is None:
        return ~rows.scored
    return rows.scored & (rows.scores >= band.low) & (rows.scores <= band.high)


def _list_versions(files: KeyFiles) -> Iterator[Version]:
    manifest = files.manifest
    for stage in list_stages():
        record = manifest.records.get(stage.name) or manifest.others.get(stage.name)
        if record:
            commit = (record.code.git_sha or "")[:10] or None
            yield Version(
                stage.name, manifest.data_version(stage), record.code.stage_version, commit, len(record.outputs)
            )


def _find_picture(workspace: Workspace, key: DatasetKey) -> str:
    """The address of the picture as seen from the page; empty if there is none."""
    path = PICTURE.path(workspace.root, key)
    return f"../../{path.relative_to(workspace.root).as_posix()}" if path.exists() else ""
