"""One key on its way through the stages: what has been made in memory, else what is on disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from persona_assets.errors import MissingInputError
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.settings import Settings
from persona_assets.stages.names import FILTERED_VARIANTS, TOKEN_STATS
from persona_assets.store.dataset_folders import read_dataset
from persona_assets.store.manifests import read_section
from persona_assets.store.parquet import read_parquet
from persona_assets.workspace import Workspace


@dataclass
class KeyWork:
    """Inputs of the stages of one key.

    A stage that runs after another finds its table here; a stage that runs alone reads it from disk.
    """

    key: DatasetKey
    settings: Settings
    variants: Sequence[Variant]
    """The variants this run was asked for."""
    workspace: Workspace = field(init=False)

    def __post_init__(self) -> None:
        self.workspace = Workspace.of(self.settings)

    @property
    def name(self) -> DatasetName:
        return DatasetName(self.key)

    @cached_property
    def raw(self) -> RawConversations:
        return read_conversations(
            self.workspace.raw_responses(self.key), self.key, self.settings, _recorded_by_its_own_stage
        )

    @cached_property
    def dataset(self) -> pa.Table:
        return read_dataset(self.workspace.dataset_folder(self.name), self.name)

    @cached_property
    def variant_rows(self) -> dict[Variant, int]:
        """Every variant made of this key so far, with its rows; 0 rows are reported, not written."""
        section = read_section(self.workspace.manifest(self.key), FILTERED_VARIANTS)
        return {Variant.parse(text, self.key.kind): rows for text, rows in section["variants"].items()}

    @cached_property
    def variant_tables(self) -> dict[Variant, pa.Table]:
        names = {variant: DatasetName(self.key, variant) for variant, rows in self.variant_rows.items() if rows}
        return {variant: read_dataset(self.workspace.dataset_folder(name), name) for variant, name in names.items()}

    @cached_property
    def token_counts(self) -> pa.Table:
        path = self.workspace.token_counts(self.key)
        if not path.exists():
            raise MissingInputError(f"{path} is not there; materialise {TOKEN_STATS} of {self.key} first")
        return read_parquet(path)


def _recorded_by_its_own_stage(entry: QuarantinedLine) -> None:
    """Quarantined lines are written down when raw_conversations runs, not when others read past it."""
