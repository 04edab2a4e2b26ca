"""The raw files of one key: which they are, whether they exist, and what was read of them."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.files import RawFile, exists
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


def locate(corpus: RawCorpus, key: DatasetKey) -> KeySources:
    """The files of ``key``, in the layout of its model's folder; if that has none, in the first with a place for it.

    Files in a folder that cannot be searched count as existing: reading them raises an error that says why.

    Raises:
        RawDataError: the layout has no place for such a key.
        SettingsError: the settings name a layout that there is not.
    """
    chosen = corpus.choose_by_name(key.model)
    for layout in [chosen] if chosen else corpus.layouts:
        files = layout.files(corpus.root, key)
        if files is not None:
            return KeySources.of(key, layout.for_model(key.model), files)
    asked = f"the raw layout {chosen.name}, in which {key.model} is read," if chosen else "no raw layout"
    raise RawDataError(f"{asked} has {'no' if chosen else 'a'} place for {key}").about(key=key)


def _is_there(path: Path) -> bool:
    try:
        return exists(path)
    except OSError as error:
        raise RawDataError(
            f"{path} cannot be looked at: {error.strerror}; nothing is retired while its folder is unreadable"
        ).about(path=path) from error
