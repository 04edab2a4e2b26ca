"""Where everything in the workspace is: outputs, records, locks; and where the raw files of a key are.

Paths are built by concatenation, never with ``Path.with_suffix``: model names contain dots.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.kinds import Kind
from persona_assets.settings import Settings

_STATISTICS = "persona_token_stats"
_PLOTS = "persona_token_plots"
_MANIFESTS = "persona_manifests"
_STANDINGS = "persona_standings"
_QUARANTINE = "persona_quarantine"
_OVERVIEWS, _PERSONAS, _SHARED_AXES = "overviews", "personas", "shared_axes"


FOLDERS = ""
"""The suffix of outputs that are folders."""


@dataclass(frozen=True)
class Ownership:
    """What a writer of some outputs must hold, and where it writes down what it is replacing."""

    lock: Path
    journal: Path


@dataclass(frozen=True)
class Workspace:
    """The storage layout users rely on, plus the records that prove it."""

    root: Path
    raw_root: Path

    @classmethod
    def of(cls, settings: Settings) -> "Workspace":
        return cls(settings.workspace, settings.raw_root)

    @property
    def datasets(self) -> Path:
        return self.root / "datasets" / "processed" / "persona"

    @property
    def statistics_file(self) -> Path:
        """Token statistics of every dataset in one JSON."""
        return self.root / "persona_token_stats.json"

    @property
    def statistics_table(self) -> Path:
        """All statistics of every dataset and variant, a row per group."""
        return self.root / "persona_token_stats.parquet"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own database and logs, where DAGSTER_HOME does not say otherwise."""
        return self.root / "dagster_home"

    @property
    def catalogue_file(self) -> Path:
        """How every key stands, in one JSON."""
        return self.root / "persona_catalogue.json"

    @property
    def retired_file(self) -> Path:
        """One line for every key whose outputs were removed on purpose."""
        return self.root / "persona_retired.jsonl"

    @property
    def comparisons(self) -> Path:
        """Pictures of more than one dataset, and pictures that can be laid side by side."""
        return self.root / "persona_comparison_plots"

    @property
    def comparison_folders(self) -> tuple[Path, ...]:
        return tuple(self.comparisons / name for name in (_OVERVIEWS, _PERSONAS, _SHARED_AXES))

    @property
    def corpus_files(self) -> tuple[Path, ...]:
        """The files that describe all keys."""
        return (self.statistics_file, self.statistics_table, self.catalogue_file)

    @property
    def corpus_ownership(self) -> Ownership:
        """For whoever writes files that describe all keys."""
        return Ownership(self.root / "persona_locks" / "corpus.lock", self.journals / "corpus.json")

    @property
    def output_suffixes(self) -> Mapping[Path, tuple[str, ...]]:
        """Every folder whose entries belong to one key each, and how they end."""
        return {
            self.datasets: (".parquet", FOLDERS),
            self.root / _STATISTICS: (".json", ".parquet"),
            self.root / _PLOTS: (".png",),
            self.root / _MANIFESTS: (".json",),
            self.root / _STANDINGS: (".json",),
            self.root / _QUARANTINE: (".jsonl",),
        }

    @property
    def journals(self) -> Path:
        """What is being replaced just now, or was when a process was killed; empty when nothing runs."""
        return self.root / "persona_journals"

    @property
    def trash(self) -> Path:
        """The outputs of retired keys, for as long as the settings say."""
        return self.root / "persona_trash"

    def dataset_folder(self, name: DatasetName) -> Path:
        return self.datasets / str(name)

    def parquet_file(self, name: DatasetName) -> Path:
        return self.datasets / f"{name}.parquet"

    def plot_file(self, key: DatasetKey) -> Path:
        return self.root / _PLOTS / f"{key}.png"

    def overview_picture(self, model: str, kind: Kind) -> Path:
        """All personas of a kind under one model."""
        return self.comparisons / _OVERVIEWS / f"{model}__{kind.name}.png"

    def comparison_picture(self, kind: Kind, persona: str) -> Path:
        """One persona under all models."""
        return self.comparisons / _PERSONAS / f"{kind.name}__{persona}.png"

    def shared_axes_picture(self, key: DatasetKey) -> Path:
        """The picture of a dataset on axes that all datasets of its kind share."""
        return self.comparisons / _SHARED_AXES / f"{key}.png"

    def key_statistics(self, key: DatasetKey) -> Path:
        """One dataset's entry of ``statistics_file``, and more: percentiles, labels, tokenizer."""
        return self.root / _STATISTICS / f"{key}.json"

    def token_counts(self, key: DatasetKey) -> Path:
        """Token counts of every row of one dataset."""
        return self.root / _STATISTICS / f"{key}.parquet"

    def manifest(self, key: DatasetKey) -> Path:
        """What was made of a key: the account of its raw lines, its variants, every output."""
        return self.root / _MANIFESTS / f"{key}.json"

    def standing(self, key: DatasetKey) -> Path:
        """How the last work on a key ended: its failure, if it failed, and the outcome of every check."""
        return self.root / _STANDINGS / f"{key}.json"

    def ownership(self, key: DatasetKey) -> Ownership:
        """For whoever works on the outputs of a key."""
        return Ownership(self.root / "persona_locks" / f"{key}.lock", self.journal(key))

    def journal(self, key: DatasetKey) -> Path:
        return self.journals / f"{key}.json"

    def run_lock(self, run_id: str) -> Path:
        """Held by the process of a Dagster run for as long as it lives."""
        return self.root / "persona_locks" / f"run_{run_id}.lock"

    def quarantine(self, key: DatasetKey) -> Path:
        """The raw lines that did not become rows, one JSON object each."""
        return self.root / _QUARANTINE / f"{key}.jsonl"
