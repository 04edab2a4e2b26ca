"""Writing the variants of a dataset."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.stage.context import StageContext
from persona_assets.stage.outcomes import Made
from persona_assets.stages.filtered_variants.rule import find_passing
from persona_assets.stages.filtered_variants.spec import list_made_earlier
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.store.dataset_folders import write_dataset
from persona_assets.store.replacement import Replacement


@dataclass(frozen=True)
class FilteredVariantsMade:
    dataset_rows: int
    """Rows of the dataset that they are chosen from."""
    rows: dict[str, int]
    """Rows by variant. An empty variant is listed with 0 rows, but has no folder."""
    folders: dict[str, Path]


def make(
    context: StageContext[DatasetKey], replacement: Replacement, dataset: pa.Table
) -> Made[FilteredVariantsMade]:
    """Write the variants asked for, and every variant made earlier, from today's rows.

    Without this, a variant asked for once, by run configuration, would go on describing data that has changed
    since.
    """
    made = FilteredVariantsMade(dataset.num_rows, {}, {})
    for variant in _list_wanted(context):
        folder = DATASET_FOLDER.path(context.workspace.root, DatasetName(context.key, variant))
        rows = made.rows[str(variant)] = _write(dataset, variant, replacement, folder)
        if rows:
            made.folders[str(variant)] = folder
    return Made(made, findings={"variants": made.rows})


def _write(dataset: pa.Table, variant: Variant, replacement: Replacement, folder: Path) -> int:
    """Write the rows of one variant, without keeping them in memory, and return their number."""
    table = dataset.filter(find_passing(dataset, variant))
    if table.num_rows:
        write_dataset(replacement.folder(folder), table)
    else:
        replacement.remove(folder)
    return int(table.num_rows)


def _list_wanted(context: StageContext[DatasetKey]) -> list[Variant]:
    return list(dict.fromkeys([*context.variants, *list_made_earlier(context.manifest, context.key)]))
