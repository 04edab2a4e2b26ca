"""Checks of filtered_variants and parquet_export: the same rows, seen in several places."""

import pyarrow as pa

from persona_assets.checks.names import PARQUET_EQUALS_FOLDER, VARIANTS_CONSISTENT
from persona_assets.checks.outcomes import CheckOutcome, first
from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetName, Variant
from persona_assets.stages.work import KeyWork
from persona_assets.store.parquet import parquet_equals

ROWS_AT_ONCE = 1000


def check_filtered_variants(work: KeyWork) -> list[CheckOutcome]:
    dataset = work.stored(work.name)
    rows: dict[str, int] = {}
    wrong: list[str] = []
    for variant, recorded in work.variant_rows.items():
        belongs = _belongs(dataset, variant)
        name = DatasetName(work.key, variant)
        there = work.workspace.dataset_folder(name).exists()
        written = work.stored(name) if there else dataset.schema.empty_table()
        rows[str(variant)] = written.num_rows
        if not recorded == written.num_rows == sum(belongs) or not _same_rows(written, dataset, belongs):
            wrong.append(f"{variant}: {sum(belongs)} rows pass, {written.num_rows} written, {recorded} recorded")
    return [CheckOutcome(VARIANTS_CONSISTENT, not wrong, {"rows": rows, "wrong": first(wrong)})]


def _belongs(dataset: pa.Table, variant: Variant) -> list[bool]:
    """The filter once more, row by row, so that a fault of the columnar one shows."""
    minimum = variant.min_score
    return [
        (minimum is None or (score is not None and score >= minimum)) and variant.label in (None, label)
        for label, score in zip(dataset["label"].to_pylist(), dataset["extract_score"].to_pylist(), strict=True)
    ]


def _same_rows(written: pa.Table, dataset: pa.Table, belongs: list[bool]) -> bool:
    """Whether ``written`` has, in their order, the rows of ``dataset`` that belong; some at a time."""
    at = 0
    for start in range(0, dataset.num_rows, ROWS_AT_ONCE):
        chosen = pa.array(belongs[start : start + ROWS_AT_ONCE], pa.bool_())
        expected = dataset.slice(start, ROWS_AT_ONCE).filter(chosen)
        if not written.slice(at, expected.num_rows).equals(expected):
            return False
        at += expected.num_rows
    return True


def check_parquet_export(work: KeyWork) -> list[CheckOutcome]:
    names = work.names
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
        return parquet_equals(work.workspace.parquet_file(name), work.stored(name))
    except InconsistentOutputError:
        return False
