"""The raw files of one key: which they are, whether they exist, and what was read of them."""

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
    """Its name in manifests, unique among the files of a key."""
    path: Path


@dataclass(frozen=True)
class KeySources:
    """All raw files of a key, whether or not they exist."""

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
        """All of them, conversations first."""
        return self.conversations + self.scores

    @property
    def is_baseline(self) -> bool:
        """Whether the key holds the model's answers without a persona, which no judge scores."""
        return self.layout.is_baseline(self.key)

    def is_gone(self) -> bool:
        """Whether none of the conversation files exists.

        Raises:
            RawDataError: there is no telling, because a folder may not be searched.
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
    """Find the files of ``key`` in the first layout whose conversations exist, or else in the first with a place.

    Files in a folder that cannot be searched count as existing: reading them raises an error that says why.

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
