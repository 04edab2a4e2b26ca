"""Checks of parquet_export: files and folders hold the same rows."""

from collections.abc import Sequence

import pyarrow as pa

from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import CheckOutcome, first
from persona_assets.stage.wording import count, name_first
from persona_assets.stages.filtered_variants.reading import WrittenVariants
from persona_assets.stages.parquet_export.spec import PARQUET_EQUALS_FOLDER, PARQUET_EXPORT, PARQUET_FILE
from persona_assets.store.parquet import parquet_equals


def check(context: StageContext[DatasetKey], dataset: pa.Table, variants: WrittenVariants) -> Sequence[CheckOutcome]:
    root = context.workspace.root
    different = [] if _holds(context, context.name, dataset) else [str(context.name)]
    left_over: list[str] = []
    for variant, rows in variants.rows.items():
        path = PARQUET_FILE.path(root, variants.name(variant))
        if not rows:
            left_over += [str(variants.name(variant))] * path.exists()
        elif not _holds(context, variants.name(variant), variants.table(variant)):
            different.append(str(variants.name(variant)))
    facts = {
        "files": 1 + len(variants.with_rows),
        "different": first(different),
        "left_over": first(left_over),
    }
    sentence = f"{count(1 + len(variants.with_rows), 'file')}, equal to their folders row for row"
    if different or left_over:
        problems = {"not equal to its folder": different, "left over from rows that are gone": left_over}
        sentence = "; ".join(f"{what}: {name_first(names, len(names))}" for what, names in problems.items() if names)
    return [CheckOutcome(PARQUET_EQUALS_FOLDER, not different and not left_over, facts, sentence)]


def _holds(context: StageContext[DatasetKey], name: DatasetName, table: pa.Table) -> bool:
    path = PARQUET_FILE.path(context.workspace.root, name)
    try:
        return parquet_equals(path, context.producer(PARQUET_EXPORT), table)
    except InconsistentOutputError:
        return False
