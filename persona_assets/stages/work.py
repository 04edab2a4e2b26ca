"""One key on its way through the stages: what has been made in memory, else what is on disk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from persona_assets.errors import InconsistentOutputError, MissingInputError
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.raw.ledger import QuarantinedLine
from persona_assets.raw.reader import RawConversations, read_conversations
from persona_assets.raw.sources import locate
from persona_assets.settings import Settings
from persona_assets.stages.names import FILTERED_VARIANTS, RAW_CONVERSATIONS, SCORED_DATASET, TOKEN_STATS
from persona_assets.store.dataset_folders import read_dataset
from persona_assets.store.manifests import DATASET_FINGERPRINT, INPUTS, KeyManifest
from persona_assets.store.parquet import read_parquet
from persona_assets.workspace import Workspace


@dataclass
class KeyWork:
    """Inputs of the stages of one key.

    Tables are read from disk, also by the stage after the one that wrote them: mapped into memory, a dataset
    takes what is being looked at, where the table it was written from would take all of it. A stage refuses what
    was made from an earlier version of its own input.
    """

    key: DatasetKey
    settings: Settings
    variants: Sequence[Variant]
    """The variants this run was asked for."""
    redo: bool = False
    """Whether what is on disk is to be made anew although it may be up to date."""
    _stored: dict[DatasetName, pa.Table] = field(default_factory=dict)

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace.of(self.settings)

    @cached_property
    def manifest(self) -> KeyManifest:
        return KeyManifest(self.workspace.manifest(self.key), self.key, self.workspace.root)

    @property
    def name(self) -> DatasetName:
        return DatasetName(self.key)

    @cached_property
    def raw(self) -> RawConversations:
        """The raw file, if it is still the one whose lines have been accounted for."""
        accounted = self.manifest.section(RAW_CONVERSATIONS)
        sources = locate(self.workspace.raw_root, self.key)
        raw = read_conversations(sources, self.settings, _recorded_by_its_own_stage)
        [file] = raw.files.values()
        if file.sha256 != accounted[INPUTS]["responses_sha256"]:
            raise InconsistentOutputError(
                f"{file.path} has changed since its lines were accounted for; "
                f"materialise {RAW_CONVERSATIONS} of {self.key} again"
            )
        return raw

    def forget_raw(self) -> None:
        """Let go of the rows, which no later stage needs."""
        self.__dict__.pop("raw", None)

    @property
    def dataset(self) -> pa.Table:
        return self.stored(self.name)

    def stored(self, name: DatasetName) -> pa.Table:
        """A dataset of this key as its folder on disk holds it, read once after it was written."""
        if name not in self._stored:
            self._stored[name] = read_dataset(self.workspace.dataset_folder(name), name)
        return self._stored[name]

    def forget_variants(self) -> None:
        """Let go of all datasets but the one that variants are filters of."""
        self._stored = {name: table for name, table in self._stored.items() if name == self.name}

    def has_written(self, names: Iterable[DatasetName]) -> None:
        """Tell that folders were replaced, so that whoever reads them next reads from disk."""
        for name in names:
            self._stored.pop(name, None)

    @property
    def dataset_fingerprint(self) -> str:
        """Which version of the dataset is on disk."""
        return str(self.manifest.section(SCORED_DATASET)[DATASET_FINGERPRINT])

    @cached_property
    def variant_rows(self) -> dict[Variant, int]:
        """The rows of every variant of today's dataset; one with 0 rows is reported, not written."""
        self._require_of_this_dataset(FILTERED_VARIANTS)
        return self.recorded_variants()

    def recorded_variants(self) -> dict[Variant, int]:
        """The rows of every variant made of this key so far, of whichever version of the dataset."""
        section = self.manifest.section(FILTERED_VARIANTS)
        return {Variant.parse(text, self.key.kind): rows for text, rows in section["variants"].items()}

    @property
    def names(self) -> list[DatasetName]:
        """Of the dataset and of every variant that has rows."""
        return [self.name, *(DatasetName(self.key, variant) for variant, rows in self.variant_rows.items() if rows)]

    @cached_property
    def token_counts(self) -> pa.Table:
        self._require_of_this_dataset(TOKEN_STATS)
        path = self.workspace.token_counts(self.key)
        if not path.exists():
            raise MissingInputError(f"{path} is not there; materialise {TOKEN_STATS} of {self.key} first")
        return read_parquet(path)

    def _require_of_this_dataset(self, stage: str) -> None:
        current = self.dataset_fingerprint  # first, so that of two missing stages the earlier one is named
        if self.manifest.section(stage)[INPUTS][DATASET_FINGERPRINT] != current:
            raise InconsistentOutputError(
                f"{stage} of {self.key} was made from an earlier version of {SCORED_DATASET}; "
                f"materialise {stage} of {self.key} again"
            )


def _recorded_by_its_own_stage(entry: QuarantinedLine) -> None:
    """Quarantined lines are written down when raw_conversations runs, not when others read past it."""
