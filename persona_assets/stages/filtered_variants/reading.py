"""Reading the variants of a key for the stages that follow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from persona_assets.errors import Producer
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.stage.context import Product, StageContext
from persona_assets.stages.filtered_variants.spec import FILTERED_VARIANTS, NAME, parse_variants
from persona_assets.stages.scored_dataset.reading import require_of_this_dataset
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.store.dataset_folders import read_dataset


@dataclass(frozen=True)
class WrittenVariants:
    """The variants of the present dataset. Their tables are read from disk when asked for."""

    key: DatasetKey
    root: Path
    rows: Mapping[Variant, int]
    """Rows by variant. An empty variant is listed with 0 rows, but has no folder."""
    _tables: dict[Variant, pa.Table] = field(default_factory=dict)

    @property
    def with_rows(self) -> list[Variant]:
        return [variant for variant, rows in self.rows.items() if rows]

    def name(self, variant: Variant) -> DatasetName:
        return DatasetName(self.key, variant)

    def folder(self, variant: Variant) -> Path:
        return DATASET_FOLDER.path(self.root, self.name(variant))

    def table(self, variant: Variant) -> pa.Table:
        if variant not in self._tables:
            producer = Producer(NAME, self.key)
            self._tables[variant] = read_dataset(self.folder(variant), self.key.kind, producer)
        return self._tables[variant]


def read_variant_rows(context: StageContext[DatasetKey]) -> dict[Variant, int]:
    """The number of rows of every variant of the present dataset.

    Raises:
        MissingInputError: the variants were not made.
        InconsistentOutputError: they were made from an earlier version of the dataset.
    """
    require_of_this_dataset(context, FILTERED_VARIANTS)
    rows = context.manifest.get(FILTERED_VARIANTS).variants
    return {variant: rows[name] for name, variant in parse_variants(rows, context.key).items()}


VARIANT_ROWS = Product(NAME, read_variant_rows)
VARIANTS = Product(
    NAME, lambda context: WrittenVariants(context.key, context.workspace.root, read_variant_rows(context))
)
