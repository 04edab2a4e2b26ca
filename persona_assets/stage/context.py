"""What a stage is given: its key, the settings, the manifest, and what other stages made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from persona_assets.errors import Producer
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.sources import KeySources, locate
from persona_assets.raw.stamps import Stamp
from persona_assets.settings import Settings
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.spec import Stage
from persona_assets.store.file_stamps import SeenFiles
from persona_assets.workspace import Workspace

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class StageContext(Generic[Key]):
    """One key, as it is when a stage begins."""

    key: Key
    settings: Settings
    stages: Sequence[Stage[Any]]
    """The stages whose records the manifest may hold."""
    manifest: Manifest
    variants: Sequence[Variant] = ()
    """The variants this run was asked for."""
    redo: bool = False
    """Whether to make outputs again even if they are up to date."""
    files: SeenFiles = field(default_factory=SeenFiles)
    """The files of the key whose content is known, or was established in this work."""

    @cached_property
    def workspace(self) -> Workspace:
        return Workspace.of(self.settings)

    @cached_property
    def sources(self) -> KeySources:
        """The raw files of a persona key."""
        return locate(RawCorpus.of(self.settings), self.key)  # type: ignore[arg-type]  # only stages of personas ask

    def stamp_sources(self) -> list[Stamp | None]:
        """Size and time of each raw file, None for one that does not exist; empty if the key is not a persona's."""
        if not isinstance(self.key, DatasetKey):
            return []
        return [Stamp.seen_at(file.path) for file in self.sources.files]

    @property
    def name(self) -> DatasetName:
        """The name of a persona key's base dataset."""
        return DatasetName(self.key)  # type: ignore[arg-type]  # only stages of personas ask

    def producer(self, stage: Stage[Any]) -> Producer:
        """What errors name if an output of ``stage`` is missing or damaged."""
        return Producer(stage.name, self.key)

    def at(self, key: Any) -> "StageContext[Any]":
        """The context of another partition, whose outputs a stage may read."""
        manifest = Manifest.read(self.workspace.manifest(key), key, self.stages)
        return replace(self, key=key, manifest=manifest)


@dataclass(frozen=True, eq=False)
class Product(Generic[Value]):
    """Something that a stage makes and others take: still in memory if it was just made, else loaded from disk."""

    stage: str
    """The name of the stage that makes it."""
    load: Callable[[StageContext[Any]], Value]
    """Loads it from disk. Raises MissingInputError; or InconsistentOutputError, also if it was made from an earlier
    version of its input."""
