"""What a layout of raw files must define. Limits, ledger, quarantine and consistency are the same for all of them."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.files import RawFile
from persona_assets.raw.folders import ModelFolder, UnfitFile
from persona_assets.raw.rows import Identity, LabelWords, ParsedRow, Rejection, RowRules
from persona_assets.raw.strays import Signs
from persona_assets.settings import Settings


@dataclass(frozen=True)
class KeyFiles:
    """The files of one key, by their names in manifests. No name occurs twice, not even across both groups.

    A file that holds both conversations and scores is in both groups, under different names.
    """

    conversations: Mapping[str, Path]
    """At least one. If none exist, those that are expected."""
    scores: Mapping[str, Path]
    """Files that may exist. Without them, the key has no scores."""


@dataclass(slots=True)
class RawRecord:
    """A line, or a row of a table: its place in the file, and what it was parsed into."""

    file: RawFile
    number: int
    byte_offset: int
    size_bytes: int
    parsed: ParsedRow | Rejection
    excerpt: bytes | None = None
    """Its beginning, for the quarantine. If None, it is read again from its place in the file."""


class ScoreEntry(NamedTuple):
    """One value from a judge, before it is checked against the scale."""

    text: str
    """What the file calls the row."""
    row: Identity | None
    """The row that is meant; None if ``text`` does not tell."""
    value: object
    legacy: bool = False
    """Whether the row is named as in older files."""
    coherence: float | None = None
    """What a judge of coherence says of the answer, 0-100."""
    verdict: str | None = None
    """What the judge wrote, of which ``value`` was taken."""


class RawLayout(ABC):
    """One arrangement of raw files below the folder of a model."""

    name: str
    """In messages and in the setting that names the layout of a model."""
    signs: Signs
    """How its data is recognised in the wrong place."""
    conversation_suffixes: tuple[str, ...]

    def configured(self, settings: Settings) -> "RawLayout":  # noqa: ARG002
        """The layout as the settings want it read; itself unless they say something of it."""
        return self

    def for_model(self, model: str) -> "RawLayout":  # noqa: ARG002
        """The layout with only what the settings say of ``model``."""
        return self

    @property
    def claimed(self) -> Collection[str]:
        """Models whose folders are read so, whatever lies in them, because the settings say how."""
        return ()

    @property
    def reading(self) -> str:
        """The layout and whatever the settings say of it: another text means that the same files give other rows."""
        return self.name

    @abstractmethod
    def recognise(self, model: ModelFolder) -> tuple[Path, ...]:
        """What in a model's folder shows that it is in this layout; nothing if it is not. Reads no file."""

    def reads(self, model: ModelFolder) -> tuple[Path, ...]:
        """What of a model's folder is read in this layout once the settings name it, if that is more."""
        return self.recognise(model)

    @abstractmethod
    def find(self, model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
        """Yield every key of the model once, and whatever looks like raw data but cannot be used. Reads no file."""

    @abstractmethod
    def fingerprint_lines(self, model: ModelFolder) -> Iterator[str]:
        """Yield lines that change whenever a file of the layout or a finding of ``find`` does. Reads no file."""

    @abstractmethod
    def expected(self, kind: Kind) -> str:
        """Where the conversations of ``kind`` should be, as text for messages."""

    @abstractmethod
    def files(self, raw_root: Path, key: DatasetKey) -> KeyFiles | None:
        """The files of ``key``, whether or not they exist; None if the layout has no place for such a key.

        Never raises, not even if a folder cannot be listed.
        """

    def is_baseline(self, key: DatasetKey) -> bool:  # noqa: ARG002
        """Whether ``key`` holds the model's answers without a persona."""
        return False

    def words(self, kind: Kind) -> LabelWords:
        """The layout's words for the labels of ``kind``, in the order of the labels."""
        return LabelWords({label: label for label in kind.labels})

    @abstractmethod
    def read_rows(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterator[RawRecord]:
        """Yield every line or table row of the opened conversation files, in order, as a row or a rejection.

        Files are hashed as they are read; whatever is left unread is hashed afterwards.
        """

    @abstractmethod
    def read_scores(self, files: Sequence[RawFile], key: DatasetKey, rules: RowRules) -> Iterable[ScoreEntry]:
        """Every value in the opened score files, in order.

        Raises:
            RawDataError: a file cannot be read as a score file.
        """
