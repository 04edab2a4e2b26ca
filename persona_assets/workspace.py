"""Every path under the workspace and the raw root. Nothing else joins one.

Paths are built by concatenation, never with ``Path.with_suffix``: model names contain dots.
"""

from dataclasses import dataclass
from pathlib import Path

from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.settings import Settings


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
    def dagster_home(self) -> Path:
        """Dagster's own database and logs, where DAGSTER_HOME does not say otherwise."""
        return self.root / "dagster_home"

    def raw_responses(self, key: DatasetKey) -> Path:
        return self.raw_root / key.model / key.kind.raw_folder / "responses" / f"{key.persona}.jsonl"

    def raw_scores(self, key: DatasetKey) -> Path:
        return self.raw_root / key.model / key.kind.raw_folder / "extract_scores" / f"{key.persona}.json"

    def dataset_folder(self, name: DatasetName) -> Path:
        return self.datasets / str(name)

    def parquet_file(self, name: DatasetName) -> Path:
        return self.datasets / f"{name}.parquet"

    def plot_file(self, key: DatasetKey) -> Path:
        return self.root / "persona_token_plots" / f"{key}.png"

    def key_statistics(self, key: DatasetKey) -> Path:
        """One dataset's entry of ``statistics_file``, and more: percentiles, labels, tokenizer."""
        return self.root / "persona_token_stats" / f"{key}.json"

    def token_counts(self, key: DatasetKey) -> Path:
        """Token counts of every row of one dataset."""
        return self.root / "persona_token_stats" / f"{key}.parquet"

    def manifest(self, key: DatasetKey) -> Path:
        """What was made of a key: the account of its raw lines, its variants, every output."""
        return self.root / "persona_manifests" / f"{key}.json"

    def quarantine(self, key: DatasetKey) -> Path:
        """The raw lines that did not become rows, one JSON object each."""
        return self.root / "persona_quarantine" / f"{key}.jsonl"
