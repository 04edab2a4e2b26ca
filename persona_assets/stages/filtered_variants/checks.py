"""Checks of filtered_variants: the filter is applied again, row by row."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from persona_assets.keys import DatasetKey, Variant
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stage.wording import count, name_first
from persona_assets.stages.filtered_variants.reading import WrittenVariants
from persona_assets.stages.filtered_variants.spec import VARIANTS_CONSISTENT

ROWS_AT_ONCE = 1000


def check(_context: StageContext[DatasetKey], dataset: pa.Table, variants: WrittenVariants) -> Sequence[CheckOutcome]:
    rows: dict[str, int] = {}
    wrong: list[str] = []
    for variant, recorded in variants.rows.items():
        belongs = _find_belonging(dataset, variant)
        there = variants.folder(variant).exists()
        written = variants.table(variant) if there else dataset.schema.empty_table()
        rows[str(variant)] = written.num_rows
        if not recorded == written.num_rows == sum(belongs) or not _has_same_rows(written, dataset, belongs):
            wrong.append(f"{variant}: {sum(belongs)} rows pass, {written.num_rows} written, {recorded} recorded")
    sentence = name_first(wrong, len(wrong)) or _describe_rows(rows)
    return [CheckOutcome(VARIANTS_CONSISTENT, not wrong, {"rows": rows, "wrong": first(wrong)}, sentence)]


def _describe_rows(rows: Mapping[str, int]) -> str:
    """The rows of each variant; an empty one is said to be so, because it has no folder to be found."""
    filled = ", ".join(f"{variant} {count(number, 'row')}" for variant, number in rows.items() if number)
    empty = [f"{variant} is empty, because no row passes" for variant, number in rows.items() if not number]
    whole = [f"{filled}: all that pass and no other"] if filled else []
    return "; ".join([*whole, *empty]) or "no variant is asked for"


def _find_belonging(dataset: pa.Table, variant: Variant) -> list[bool]:
    """Which rows are in ``variant``, found by plain Python, to reveal faults of the columnar filter."""
    return [
        _is_within(score, variant) and variant.label in (None, label)
        for label, score in zip(dataset["label"].to_pylist(), dataset["extract_score"].to_pylist(), strict=True)
    ]


def _is_within(score: int | None, variant: Variant) -> bool:
    if score is None:
        return not variant.is_bounded
    minimum, maximum = variant.min_score, variant.max_score
    return (minimum is None or score >= minimum) and (maximum is None or score <= maximum)


def _has_same_rows(written: pa.Table, dataset: pa.Table, belongs: list[bool]) -> bool:
    """Whether ``written`` has the rows of ``dataset`` that belong, in their order. Compares some at a time."""
    at = 0
    for start in range(0, dataset.num_rows, ROWS_AT_ONCE):
        chosen = pa.array(belongs[start : start + ROWS_AT_ONCE], pa.bool_())
        expected = dataset.slice(start, ROWS_AT_ONCE).filter(chosen)
        if not written.slice(at, expected.num_rows).equals(expected):
            return False
        at += expected.num_rows
    return True
