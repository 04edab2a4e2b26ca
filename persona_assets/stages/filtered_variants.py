"""filtered_variants: datasets of the rows that pass a minimum score, a label, or both."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.errors import MissingInputError
from persona_assets.keys import DatasetName, Variant
from persona_assets.stages.inputs import variants_inputs
from persona_assets.stages.names import FILTERED_VARIANTS
from persona_assets.stages.recording import record_stage
from persona_assets.stages.work import KeyWork
from persona_assets.store.dataset_folders import write_dataset
from persona_assets.store.replacement import Replacement, replacing


@dataclass(frozen=True)
class FilteredVariantsMade:
    rows: dict[str, int]
    """Rows by variant. An empty variant is here with 0 and has no folder."""
    folders: dict[str, Path]


def make_filtered_variants(work: KeyWork) -> FilteredVariantsMade:
    """Write the variants asked for, and every variant made earlier, from today's rows.

    Renewing the earlier ones keeps a variant asked for once, by run configuration, from describing
    data that has changed since.
    """
    folders: dict[str, Path] = {}
    made: dict[Variant, int] = {}
    with replacing(work.workspace.journal(work.key)) as replacement:
        for variant in _wanted(work):
            folder = work.workspace.dataset_folder(DatasetName(work.key, variant))
            made[variant] = _write(work.dataset, variant, replacement, folder)
            if made[variant]:
                folders[str(variant)] = folder
        rows = {str(variant): count for variant, count in made.items()}
        inputs = variants_inputs(work.manifest.sections(), rows)
        record_stage(work, FILTERED_VARIANTS, replacement, inputs, {"variants": rows})
    work.has_written(DatasetName(work.key, variant) for variant in made)
    work.variant_rows = made
    return FilteredVariantsMade(rows, folders)


def _write(dataset: pa.Table, variant: Variant, replacement: Replacement, folder: Path) -> int:
    """Write the rows of one variant, in memory no longer than that takes; return how many they are."""
    table = dataset.filter(passes(dataset, variant))
    if table.num_rows:
        write_dataset(replacement.folder(folder), table)
    else:
        replacement.remove(folder)
    return int(table.num_rows)


def passes(table: pa.Table, variant: Variant) -> pa.ChunkedArray:
    """Which rows of a table with ``label`` and ``extract_score`` are in ``variant``, as booleans.

    A row without a score on the scale never passes a minimum.
    """
    masks = []
    if variant.min_score is not None:
        masks.append(pc.fill_null(pc.greater_equal(table["extract_score"], variant.min_score), fill_value=False))
    if variant.label is not None:
        masks.append(pc.equal(table["label"], variant.label))
    return pc.and_(*masks) if len(masks) == 2 else masks[0]


def _wanted(work: KeyWork) -> list[Variant]:
    try:
        earlier = work.recorded_variants()
    except MissingInputError:
        earlier = {}
    return list(dict.fromkeys([*work.variants, *earlier]))
