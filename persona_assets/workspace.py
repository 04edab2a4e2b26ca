"""The workspace: its records, its locks, and what concerns all keys. The outputs of a stage belong to the stage.

Paths are built by concatenation, never with ``Path.with_suffix``: model names contain dots.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind

if TYPE_CHECKING:
    from persona_assets.settings import Settings

_MANIFESTS = "persona_manifests"
_STANDINGS = "persona_standings"
_STAMPS = "persona_file_stamps"
_DISPLAYS = "persona_displays"
_PAGES = "keys"
_OVERVIEWS, _DIFFERENCES, _PERSONAS, _SHARED_AXES = "overviews", "differences", "personas", "shared_axes"

_COMPARISON_FOLDERS = (_OVERVIEWS, _DIFFERENCES, _PERSONAS, _SHARED_AXES)


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
    def of(cls, settings: "Settings") -> "Workspace":
        return cls(settings.workspace, settings.raw_root)

    @property
    def statistics_file(self) -> Path:
        """Token statistics of every dataset in one JSON."""
        return self.root / "persona_token_stats.json"

    @property
    def statistics_table(self) -> Path:
        """All statistics of every dataset and variant, a row per group."""
        return self.root / "persona_token_stats.parquet"

    @property
    def counts_table(self) -> Path:
        """The token counts of every row of every dataset."""
        return self.root / "persona_token_counts.parquet"

    @property
    def pairs_table(self) -> Path:
        """The contrastive pairs of every dataset."""
        return self.root / "persona_pairs.parquet"

    @property
    def readiness_file(self) -> Path:
        """Which keys have enough pairs, by which rule, in one JSON."""
        return self.root / "persona_readiness.json"

    @property
    def readiness_table(self) -> Path:
        """The same as a table, a row per key and rule."""
        return self.root / "persona_readiness.parquet"

    @property
    def ready_list(self) -> Path:
        """The keys that are ready, as text for scripts: a rule and a key per line."""
        return self.root / "persona_ready.txt"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own database and logs, where DAGSTER_HOME does not say otherwise."""
        return self.root / "dagster_home"

    @property
    def catalogue_file(self) -> Path:
        """How every key stands, in one JSON."""
        return self.root / "persona_catalogue.json"

    @property
    def views_file(self) -> Path:
        """DuckDB views over all keys."""
        return self.root / "persona_views.sql"

    @property
    def refreshed_file(self) -> Path:
        """From what the files about all keys were made last."""
        return self.root / "persona_refreshed.txt"

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
        return tuple(self.comparisons / name for name in _COMPARISON_FOLDERS)

    @property
    def report(self) -> Path:
        """The static site about all of this."""
        return self.root / "persona_report"

    @property
    def report_folders(self) -> tuple[Path, ...]:
        return self.report, self.report / _PAGES

    @property
    def report_summary(self) -> Path:
        """What the report says of every key, and what each page was made from."""
        return self.report / "summary.json"

    @property
    def report_before(self) -> Path:
        """The summary of the report before the data last changed."""
        return self.report / "before.json"

    def report_page(self, key: object) -> Path:
        """The page of a key."""
        return self.report / _PAGES / f"{key}.html"

    @property
    def corpus_files(self) -> tuple[Path, ...]:
        """The files that describe all keys."""
        return (
            self.statistics_file,
            self.statistics_table,
            self.counts_table,
            self.pairs_table,
            self.readiness_file,
            self.readiness_table,
            self.ready_list,
            self.catalogue_file,
            self.views_file,
        )

    @property
    def corpus_ownership(self) -> Ownership:
        """For whoever writes files that describe all keys."""
        return Ownership(self.locks / "corpus.lock", self.journals / "corpus.json")

    @property
    def locks(self) -> Path:
        """Empty files, each locked by the process that writes what it is named after."""
        return self.root / "persona_locks"

    @property
    def records(self) -> tuple[tuple[Path, str], ...]:
        """Folders of records of keys, and how they end."""
        folders = (_MANIFESTS, _STANDINGS, _STAMPS, _DISPLAYS)
        return tuple((self.root / folder, ".json") for folder in folders)

    @property
    def manifests(self) -> Path:
        """What was made of each key."""
        return self.root / _MANIFESTS

    @property
    def last_outcomes(self) -> Path:
        """How the last work on each key ended."""
        return self.root / _STANDINGS

    @property
    def journals(self) -> Path:
        """What is being replaced just now, or was when a process was killed; empty when nothing runs."""
        return self.root / "persona_journals"

    @property
    def trash(self) -> Path:
        """The outputs of retired keys, for as long as the settings say."""
        return self.root / "persona_trash"

    def overview_picture(self, model: str, kind: Kind) -> Path:
        """All personas of a kind under one model."""
        return self.comparisons / _OVERVIEWS / f"{model}__{kind.name}.png"

    def differences_picture(self, model: str, kind: Kind) -> Path:
        """All personas of a kind under one model, against the model as itself."""
        return self.comparisons / _DIFFERENCES / f"{model}__{kind.name}.png"

    def comparison_picture(self, kind: Kind, persona: str) -> Path:
        """One persona under all models."""
        return self.comparisons / _PERSONAS / f"{kind.name}__{persona}.png"

    def shared_axes_picture(self, key: DatasetKey) -> Path:
        """The picture of a dataset on axes that all datasets of its kind share."""
        return self.comparisons / _SHARED_AXES / f"{key}.png"

    def manifest(self, key: object) -> Path:
        """What was made of a key: the account of its raw lines, its variants, every output."""
        return self.manifests / f"{key}.json"

    def last_outcome(self, key: object) -> Path:
        """How the last work on a key ended: its failure, if it failed, and the outcome of every check."""
        return self.last_outcomes / f"{key}.json"

    def file_stamps(self, key: object) -> Path:
        """By what a key's files are known without reading them."""
        return self.root / _STAMPS / f"{key}.json"

    def displays(self, key: object) -> Path:
        """How the outputs of a key were shown in the UI when they were made."""
        return self.root / _DISPLAYS / f"{key}.json"

    def records_of(self, key: object) -> tuple[Path, ...]:
        return tuple(folder / f"{key}{suffix}" for folder, suffix in self.records)

    def ownership(self, key: object) -> Ownership:
        """For whoever works on the outputs of a key."""
        return Ownership(self.locks / f"{key}.lock", self.journal(key))

    def journal(self, key: object) -> Path:
        return self.journals / f"{key}.json"

    def run_lock(self, run_id: str) -> Path:
        """Held by the process of a Dagster run for as long as it lives."""
        return self.locks / f"run_{run_id}.lock"
