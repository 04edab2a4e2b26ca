"""The raw files of one key: which they are, whether they are there, and what was read of them."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.files import RawFile, exists
from persona_assets.raw.layouts import registry
from persona_assets.raw.layouts.contract import KeyFiles, RawLayout


@dataclass(frozen=True)
class SourceFile:
    """One of the raw files of a key."""

    name: str
    """What manifests call it; the files of a key have different ones."""
    path: Path


@dataclass(frozen=True)
class KeySources:
    """Everything a key is made of, be it there or not."""

    key: DatasetKey
    layout: RawLayout
    conversations: tuple[SourceFile, ...]
    scores: tuple[SourceFile, ...]

    @classmethod
    def of(cls, key: DatasetKey, layout: RawLayout, files: KeyFiles) -> "KeySources":
        named = ([SourceFile(*one) for one in group.items()] for group in (files.conversations, files.scores))
        return cls(key, layout, *map(tuple, named))

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """Conversations first."""
        return self.conversations + self.scores

    @property
    def is_baseline(self) -> bool:
        """Whether it is the model as it answers without a persona, which no judge scores."""
        return self.layout.is_baseline(self.key)

    def is_gone(self) -> bool:
        """Whether none of the conversation files is there, which only the file system can say.

        Raises:
            RawDataError: that cannot be told: a folder that may not be searched says nothing.
        """
        return not any(_is_there(file.path) for file in self.conversations)


class SourceRead(msgspec.Struct, frozen=True):
    """What was read of a raw file."""

    path: Path
    size_bytes: int
    modified_ns: int
    sha256: str

    @classmethod
    def of(cls, file: RawFile) -> "SourceRead":
        return cls(file.path, file.stamp.size_bytes, file.stamp.modified_ns, file.sha256())


def locate(raw_root: Path, key: DatasetKey) -> KeySources:
    """The files of ``key``: of the first layout whose conversations are there, else of the first that has a place.

    Whether they can be read is not asked: who reads them says why they cannot be.

    Raises:
        RawDataError: no layout has a place for such a key.
    """
    places = [
        KeySources.of(key, layout, files)
        for layout in registry.LAYOUTS
        if (files := layout.files(raw_root, key)) is not None
    ]
    if not places:
        raise RawDataError(f"no raw layout has a place for {key}").about(key=key)
    if len(places) == 1:
        return places[0]
    return next((place for place in places if _may_be_there(place)), places[0])


def _may_be_there(sources: KeySources) -> bool:
    try:
        return any(exists(file.path) for file in sources.conversations)
    except OSError:
        return True


def _is_there(path: Path) -> bool:
    try:
        return exists(path)
    except OSError as error:
        raise RawDataError(
            f"{path} cannot be looked at: {error.strerror}; nothing is retired while its folder is unreadable"
        ).about(path=path) from error
