"""scored_dataset: join the judge's scores and write the Hugging Face dataset folder."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from persona_assets.keys import DatasetKey
from persona_assets.raw.reader import RawConversations
from persona_assets.raw.rows import RawRow, identity_text
from persona_assets.raw.scores import Scores, read_scores
from persona_assets.raw.sources import locate
from persona_assets.raw.stamps import Stamp
from persona_assets.stages.inputs import scored_inputs
from persona_assets.stages.names import SCORED_DATASET
from persona_assets.stages.recording import record_stage
from persona_assets.stages.work import KeyWork
from persona_assets.store.dataset_folders import dataset_schema, write_dataset
from persona_assets.store.manifests import DATASET_FINGERPRINT
from persona_assets.store.replacement import replacing

ROWS_AT_ONCE = 256
"""Made to columns at the same time."""
PREVIEW_ROWS = 5
PREVIEW_CHARACTERS = 160


@dataclass(frozen=True)
class ScoredDatasetMade:
    folder: Path
    rows: int
    statuses: Counter[str]
    labels: Counter[str]
    scores_source: Path | None
    """The score file, if there is one: baselines have none."""
    unreadable_score_keys: tuple[str, ...]
    conflicting_score_keys: tuple[str, ...]
    legacy_score_keys: int
    scores_without_row: tuple[str, ...]
    schema: pa.Schema
    preview: tuple[dict[str, Any], ...]
    """The first rows, shortened."""


def make_scored_dataset(work: KeyWork) -> ScoredDatasetMade:
    """Write the key's dataset folder: one row per raw row, scored where the judge did."""
    key, workspace = work.key, work.workspace
    scores = read_scores(locate(workspace.raw_root, key), work.settings)
    file = scores.files.get("scores")
    table, without_row = join_scores(key, work.raw, scores), _without_row(scores, work.raw)
    work.forget_raw()
    folder = workspace.dataset_folder(work.name)
    made = ScoredDatasetMade(
        folder=folder,
        rows=table.num_rows,
        statuses=Counter(table["score_status"].to_pylist()),
        labels=Counter(table["label"].to_pylist()),
        scores_source=file.path if file else None,
        unreadable_score_keys=scores.unreadable_keys,
        conflicting_score_keys=scores.conflicting_keys,
        legacy_score_keys=scores.legacy_keys,
        scores_without_row=without_row,
        schema=table.schema,
        preview=_preview(table),
    )
    counts = {
        "rows": made.rows,
        "score_status": dict(sorted(made.statuses.items())),
        "score_file": str(file.path) if file else None,
        "score_stamp": msgspec.to_builtins(Stamp(file.size_bytes, file.modified_ns)) if file else None,
        "scores_without_row": made.scores_without_row,
        "unreadable_score_keys": made.unreadable_score_keys,
        "conflicting_score_keys": made.conflicting_score_keys,
        "legacy_score_keys": made.legacy_score_keys,
    }
    with replacing(workspace.journal(key)) as replacement:
        counts[DATASET_FINGERPRINT] = write_dataset(replacement.folder(folder), table)
        inputs = scored_inputs(work.manifest.sections(), file.sha256 if file else None)
        record_stage(work, SCORED_DATASET, replacement, inputs, counts)
    work.has_written([work.name])
    return made


def join_scores(key: DatasetKey, raw: RawConversations, scores: Scores) -> pa.Table:
    """The dataset's table, in raw file order. A score that is not on the scale is null, its status says why."""
    parts = [
        _join(key, raw.rows[start : start + ROWS_AT_ONCE], scores) for start in range(0, len(raw.rows), ROWS_AT_ONCE)
    ]
    return pa.concat_tables(parts)


def _join(key: DatasetKey, rows: Sequence[RawRow], scores: Scores) -> pa.Table:
    found = [scores.score_of(row.identity) for row in rows]
    columns = {
        "model": _repeat(key.model, len(rows)),
        key.kind.name: _repeat(key.persona, len(rows)),
        "system_prompt": [row.system_prompt for row in rows],
        "question": [row.question for row in rows],
        "messages": _messages(rows),
        "prompt_index": [row.prompt_index for row in rows],
        "question_index": [row.question_index for row in rows],
        "label": [row.label for row in rows],
        "extract_score": [score.value for score in found],
        "score_status": [score.status.value for score in found],
    }
    return pa.table(columns, schema=dataset_schema(key.kind))


def _messages(rows: Sequence[RawRow]) -> pa.Array:
    """Lists of {role, content}, built flat: ten times faster than from Python dicts.

    Contents are handed over as bytes, for a string that Arrow has read keeps its UTF-8 form beside its characters.
    """
    offsets = [0]
    for row in rows:
        offsets.append(offsets[-1] + len(row.conversation))
    roles = pa.array([message.role for row in rows for message in row.conversation], pa.string())
    contents = pa.array([message.content.encode() for row in rows for message in row.conversation], pa.string())
    return pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.StructArray.from_arrays([roles, contents], ["role", "content"])
    )


def _repeat(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)


def _without_row(scores: Scores, raw: RawConversations) -> tuple[str, ...]:
    rows = {row.identity for row in raw.rows}
    orphans = sorted(row for row in scores.by_row if row not in rows)
    return tuple(identity_text(row) for row in orphans)


def _preview(table: pa.Table) -> tuple[dict[str, Any], ...]:
    shown = ("label", "prompt_index", "question_index", "extract_score", "score_status", "question")
    rows = table.slice(0, PREVIEW_ROWS).to_pylist()
    answers = [row["messages"][-1]["content"][:PREVIEW_CHARACTERS] for row in rows]
    return tuple(
        {name: row[name] for name in shown} | {"question": row["question"][:PREVIEW_CHARACTERS], "answer": answer}
        for row, answer in zip(rows, answers, strict=True)
    )
