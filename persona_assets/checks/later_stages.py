"""Checks of filtered_variants and parquet_export: the same rows, seen in several places."""

from typing import Any

from persona_assets.checks.names import PARQUET_EQUALS_FOLDER, VARIANTS_CONSISTENT
from persona_assets.checks.outcomes import CheckOutcome, first
from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetName, Variant
from persona_assets.stages.work import KeyWork
from persona_assets.store.parquet import read_parquet


def check_filtered_variants(work: KeyWork) -> list[CheckOutcome]:
    dataset = work.stored(work.name).to_pylist()
    rows: dict[str, int] = {}
    wrong: list[str] = []
    for variant, recorded in work.variant_rows.items():
        expected = [row for row in dataset if _belongs(row, variant)]
        folder = work.workspace.dataset_folder(DatasetName(work.key, variant))
        written = work.stored(DatasetName(work.key, variant)).to_pylist() if folder.exists() else []
        rows[str(variant)] = len(written)
        if written != expected or recorded != len(expected):
            wrong.append(f"{variant}: {len(expected)} rows pass, {len(written)} written, {recorded} recorded")
    return [CheckOutcome(VARIANTS_CONSISTENT, not wrong, {"rows": rows, "wrong": first(wrong)})]


def _belongs(row: dict[str, Any], variant: Variant) -> bool:
    """The filter once more, row by row, so that a fault of the columnar one shows."""
    score, minimum = row["extract_score"], variant.min_score
    enough = minimum is None or (score is not None and score >= minimum)
    return enough and variant.label in (None, row["label"])


def check_parquet_export(work: KeyWork) -> list[CheckOutcome]:
    names = [work.name, *(DatasetName(work.key, variant) for variant, rows in work.variant_rows.items() if rows)]
    different = [name for name in names if not _same_in_parquet(work, name)]
    stale = [
        str(name)
        for variant, rows in work.variant_rows.items()
        if not rows and work.workspace.parquet_file(name := DatasetName(work.key, variant)).exists()
    ]
    facts = {"files": len(names), "different": first(map(str, different)), "left_over": first(stale)}
    return [CheckOutcome(PARQUET_EQUALS_FOLDER, not different and not stale, facts)]


def _same_in_parquet(work: KeyWork, name: DatasetName) -> bool:
    try:
        exported = read_parquet(work.workspace.parquet_file(name))
    except InconsistentOutputError:
        return False
    folder = work.stored(name)
    return bool(exported.equals(folder)) and exported.schema.metadata == folder.schema.metadata
