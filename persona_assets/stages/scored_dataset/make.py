"""Joining the judge's scores to the rows, and writing the dataset folder."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.raw.reader import RawConversations
from persona_assets.raw.scores import Scores, read_scores
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import Made
from persona_assets.stages.scored_dataset.joining import find_scores_without_row, join_scores
from persona_assets.stages.scored_dataset.preview import Preview, preview
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.store.dataset_folders import write_dataset
from persona_assets.store.replacement import Replacement


@dataclass(frozen=True)
class ScoredDatasetMade:
    folder: Path
    rows: int
    statuses: Counter[str]
    labels: Counter[str]
    score_files: tuple[Path, ...]
    """Empty for a baseline, which is not judged."""
    unreadable_score_keys: tuple[str, ...]
    conflicting_score_keys: tuple[str, ...]
    legacy_score_keys: int
    scores_without_row: tuple[str, ...]
    preview: Preview


def make(
    context: StageContext[DatasetKey], replacement: Replacement, raw: RawConversations
) -> Made[ScoredDatasetMade]:
    """Write the key's dataset folder: one row per raw row, scored where the judge did."""
    scores = read_scores(context.sources, context.settings)
    identities = [row.identity for row in raw.rows]
    table = join_scores(context.key, raw.rows, [scores.score_of(identity) for identity in identities])
    without_row = find_scores_without_row(scores, identities)
    raw.rows.clear()  # no later stage takes them, and they are larger than the table
    folder = DATASET_FOLDER.path(context.workspace.root, context.name)
    made = _describe(context.key, folder, table, scores, without_row)
    return Made(
        made,
        findings={
            "rows": made.rows,
            "score_status": dict(sorted(made.statuses.items())),
            "scores_without_row": made.scores_without_row,
            "unreadable_score_keys": made.unreadable_score_keys,
            "conflicting_score_keys": made.conflicting_score_keys,
            "legacy_score_keys": made.legacy_score_keys,
            "dataset_fingerprint": write_dataset(replacement.folder(folder), table),
        },
        sources=scores.files,
    )


def _describe(
    key: DatasetKey, folder: Path, table: pa.Table, scores: Scores, without_row: tuple[str, ...]
) -> ScoredDatasetMade:
    return ScoredDatasetMade(
        folder=folder,
        rows=table.num_rows,
        statuses=Counter(table["score_status"].to_pylist()),
        labels=Counter(table["label"].to_pylist()),
        score_files=tuple(Path(read.path) for read in scores.files.values()),
        unreadable_score_keys=scores.unreadable_keys,
        conflicting_score_keys=scores.conflicting_keys,
        legacy_score_keys=scores.legacy_keys,
        scores_without_row=without_row,
        preview=preview(table, key),
    )
