"""Where a layout has its files: folders of conversations beside folders of scores, for each kind."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_assets.kinds import Kind
from persona_assets.raw.folders import ModelFolder
from persona_assets.raw.layouts.persona_files.file_names import RESPONSE_SUFFIXES, SCORE_SUFFIXES
from persona_assets.raw.strays import Signs


@dataclass(frozen=True)
class Place:
    """Two folders with files of one kind: a persona has a file in the first, and its scores are in the second."""

    kind: Kind
    folder: str | None
    """Both are in this folder of a model; None if they are in that of the model itself."""
    responses: str
    scores: tuple[str, ...]
    """Names of the second; of several that are there, the first is read."""

    def below(self, model: Path) -> Path:
        return model / self.folder if self.folder else model

    @property
    def names(self) -> tuple[str, ...]:
        return self.responses, *self.scores


@dataclass(frozen=True)
class Arrangement:
    """All places of a layout."""

    place: str
    """Where its files belong, as text for messages."""
    places: Sequence[Place]
    stems: tuple[str, ...]
    """Parts of folder names by which a misspelt one is recognised."""
    neighbours: re.Pattern[str] | None = None
    """The names of files that lie among the data, belong to the programs that wrote it, and are passed over."""

    @property
    def signs(self) -> Signs:
        return Signs(self.place, RESPONSE_SUFFIXES + SCORE_SUFFIXES, self.stems)

    def of(self, kind: Kind) -> list[Place]:
        return [place for place in self.places if place.kind == kind]

    def within(self, folder: str | None) -> list[Place]:
        """The places in one folder of a model, or in that of the model itself."""
        return [place for place in self.places if place.folder == folder]

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of a model that hold places."""
        return tuple(dict.fromkeys(place.folder for place in self.places if place.folder))

    @property
    def inner_names(self) -> tuple[str, ...]:
        """The names of the folders that files are directly in."""
        return tuple(dict.fromkeys(name for place in self.places for name in place.names))

    @property
    def read_in_model(self) -> tuple[str, ...]:
        """The names of the folders of a model that are read, whether they hold files or places."""
        return (*self.folders, *(name for place in self.within(None) for name in place.names))

    def is_neighbour(self, name: str) -> bool:
        return self.neighbours is not None and self.neighbours.fullmatch(name) is not None


def folders_in(model: ModelFolder, names: Sequence[str]) -> tuple[Path, ...]:
    """Those folders of a model that have one of ``names``."""
    return tuple(entry.path for entry in model.entries if entry.is_folder and entry.name in names)
