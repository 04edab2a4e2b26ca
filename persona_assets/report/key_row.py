"""A key in numbers: its row in the table of all keys, from which every page about the whole corpus is made."""

import hashlib

import msgspec
import numpy as np

from persona_assets.keys import Variant
from persona_assets.kinds import Kind
from persona_assets.report.key_files import KeyFiles
from persona_assets.report.offenders import find_first_line
from persona_assets.report.rows import NONE, Flags, Integers, Rows
from persona_assets.stage.manifest import Manifest
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS
from persona_assets.stages.registry import list_stages

Tally = tuple[int, int]
"""Rows, and their tokens."""


class LabelTally(msgspec.Struct, frozen=True):
    """The rows of one label by score, exactly: what every minimum keeps follows from it."""

    scores: dict[int, Tally]
    unscored: Tally


class KeyRow(msgspec.Struct, frozen=True):
    """What the report says of a key in one row. Null where there is nothing to count."""

    key: str
    model: str
    kind: str
    persona: str
    data_version: str
    """A hash over the data versions of all its stages."""
    warnings: list[str]
    """The checks that did not pass."""
    first_line: str
    """Where the first quarantined line is; empty if there is none."""
    quarantined: int
    labels: dict[str, LabelTally] = {}
    rows: int = 0
    scored: int = 0
    refusals: int = 0
    tokens: int = 0
    truncated: int | None = None
    median_answer: float | None = None
    mean_score: float | None = None
    """Of the rows that show the persona."""
    kept: int = 0
    """Rows of the variant that is usually trained on: min3 of roles, min70__pos of traits."""
    pairs: int | None = None
    """Prompts and questions of which both answers, with the trait and against it, are scored."""


def describe_key(files: KeyFiles, rows: Rows | None) -> KeyRow:
    """Count everything that the pages about all keys show of one."""
    key = files.key
    raw = files.manifest.find(RAW_CONVERSATIONS)
    row = KeyRow(
        key=str(key),
        model=key.model,
        kind=key.kind_name,
        persona=key.persona,
        data_version=hash_versions(files.manifest),
        warnings=[name for name, check in files.outcome.checks.items() if not check.passed],
        first_line=find_first_line(files),
        quarantined=sum(raw.ledger.quarantined.values()) if raw else 0,
    )
    return row if rows is None else _count(row, rows, key.kind)


def hash_versions(manifest: Manifest) -> str:
    """A hash over the data versions of every stage; empty if nothing was made."""
    versions = [manifest.data_version(stage) or "" for stage in list_stages()]
    return hashlib.sha256(" ".join(versions).encode()).hexdigest()[:16] if any(versions) else ""


def main_variant(kind: Kind) -> Variant:
    """The variant with a minimum score among those made of every dataset of ``kind``."""
    return Variant.parse(kind.default_variants[-1], kind)


def select(rows: Rows, minimum: int | None, label: str | None) -> Flags:
    """The rows that a variant of this minimum and label keeps."""
    chosen = np.ones(len(rows), bool) if minimum is None else rows.scored & (rows.scores >= minimum)
    return chosen if label is None else chosen & (rows.labels == label)


def _count(row: KeyRow, rows: Rows, kind: Kind) -> KeyRow:
    variant = main_variant(kind)
    counted = rows.answer_tokens[rows.answer_tokens != NONE]
    shown = rows.scores[rows.scored & (rows.labels == kind.labels[0])]
    truncated = rows.signs.get("truncated")
    return msgspec.structs.replace(
        row,
        labels={label: _tally(rows, label) for label in kind.row_labels if (rows.labels == label).any()},
        rows=len(rows),
        scored=int(rows.scored.sum()),
        refusals=int((rows.statuses == "refusal").sum()),
        tokens=_sum(rows.tokens),
        truncated=int(truncated.sum()) if truncated is not None and rows.truncation_known else None,
        median_answer=float(np.median(counted)) if len(counted) else None,
        mean_score=round(float(shown.mean()), 4) if len(shown) else None,
        kept=int(select(rows, variant.min_score, variant.label).sum()),
        pairs=_count_pairs(rows) if kind.paired else None,
    )


def _tally(rows: Rows, label: str) -> LabelTally:
    of_label = rows.labels == label
    scored = of_label & rows.scored
    return LabelTally(
        {int(score): _count_rows(rows, scored & (rows.scores == score)) for score in np.unique(rows.scores[scored])},
        _count_rows(rows, of_label & ~rows.scored),
    )


def _count_rows(rows: Rows, chosen: Flags) -> Tally:
    return int(chosen.sum()), _sum(rows.tokens[chosen])


def _sum(counts: Integers) -> int:
    return int(counts[counts != NONE].sum())


def _count_pairs(rows: Rows) -> int:
    cells = list(zip(rows.prompts.tolist(), rows.questions.tolist(), rows.samples.tolist(), strict=True))
    by_label = [
        {cell for cell, chosen in zip(cells, select(rows, 0, label).tolist(), strict=True) if chosen}
        for label in ("pos", "neg")
    ]
    return len(by_label[0] & by_label[1])
