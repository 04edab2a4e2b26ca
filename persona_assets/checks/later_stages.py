"""Checks of filtered_variants and parquet_export: the same rows, seen in several places."""

from typing import Any

import pyarrow as pa

from persona_assets.checks.names import PARQUET_EQUALS_FOLDER, VARIANTS_CONSISTENT
from persona_assets.checks.outcomes import CheckOutcome, first
from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetName, Variant
from persona_assets.stages.work import KeyWork
from persona_assets.store.parquet import read_parquet


def check_filtered_variants(work: KeyWork) -> list[CheckOutcome]:
    dataset = work.stored(work.name)
    decisive = dataset.select(["label", "extract_score"]).to_pylist()
    rows: dict[str, int] = {}
    wrong: list[str] = []
    for variant, recorded in work.variant_rows.items():
        places = [place for place, row in enumerate(decisive) if _belongs(row, variant)]
        expected = dataset.take(pa.array(places, pa.int64()))
        name = DatasetName(work.key, variant)
        there = work.workspace.dataset_folder(name).exists()
        written = work.stored(name) if there else dataset.schema.empty_table()
        rows[str(variant)] = written.num_rows
        if not written.equals(expected) or recorded != expected.num_rows:
            wrong.append(f"{variant}: {expected.num_rows} rows pass, {written.num_rows} written, {recorded} recorded")
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
