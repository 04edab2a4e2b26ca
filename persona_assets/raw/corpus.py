"""The raw root as it is to be read: each model's folder in one layout, found by looking or named in the settings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from persona_assets.errors import RawDataError, SettingsError
from persona_assets.raw.folders import ModelFolder, UnfitFile, entries_of, unlisted
from persona_assets.raw.layouts import registry
from persona_assets.raw.layouts.contract import RawLayout
from persona_assets.raw.strays import Signs
from persona_assets.settings import Settings


@dataclass(frozen=True)
class Choice:
    """The layout in which a model's folder is read."""

    layout: RawLayout | None
    """None if the folder looks like none of them."""
    passed_over: Mapping[Path, RawLayout] = field(default_factory=dict)
    """What in the folder looks like another layout, which is not read for that."""


@dataclass(frozen=True)
class RawCorpus:
    """The raw root, and what the settings say of it."""

    root: Path
    named: Mapping[str, str] = field(default_factory=dict)
    """The layout by model, where it is not to be found by looking."""
    layouts: Sequence[RawLayout] = field(default_factory=lambda: registry.LAYOUTS)
    """Every layout, in the order in which they are looked for."""

    @classmethod
    def of(cls, settings: Settings) -> "RawCorpus":
        configured = tuple(layout.configured(settings) for layout in registry.LAYOUTS)
        claimed = {model: layout.name for layout in configured for model in layout.claimed}
        return cls(settings.raw_root, claimed | settings.layouts, configured)

    @property
    def signs(self) -> Signs:
        """By what the data of any layout is recognised."""
        every = [layout.signs for layout in self.layouts]
        suffixes = dict.fromkeys(suffix for signs in every for suffix in signs.suffixes)
        return Signs(" or ".join(signs.place for signs in every), tuple(suffixes))

    def choose(self, model: ModelFolder) -> Choice:
        """Find the layout of a model's folder by what lies in it, unless the settings name one. Reads no file.

        Raises:
            SettingsError: the settings name a layout that there is not.
        """
        seen = {layout: layout.recognise(model) for layout in self.layouts}
        chosen = self._find_named(model.model) or next((layout for layout, paths in seen.items() if paths), None)
        read = {*seen[chosen], *chosen.reads(model)} if chosen else set()
        passed_over: dict[Path, RawLayout] = {}
        for layout, paths in seen.items():
            for path in paths:
                if path not in read:
                    passed_over.setdefault(path, layout)
        return Choice(chosen, passed_over)

    def choose_by_name(self, model: str) -> RawLayout | None:
        """The layout of a model's folder, be the folder there or not."""
        folder = self.root / model
        try:
            return self.choose(ModelFolder(folder, entries_of(folder, self.signs.suffixes))).layout
        except OSError:
            return self._find_named(model)

    def list_models(self) -> Iterator[ModelFolder | UnfitFile]:
        """The folder of every model, and what else in the root is there as if it were to be read; one listing each.

        Raises:
            RawDataError: the root is missing, or cannot be listed.
        """
        signs = self.signs
        conversations = tuple({suffix for layout in self.layouts for suffix in layout.conversation_suffixes})
        try:
            entries = entries_of(self.root, signs.suffixes)
        except OSError as error:
            raise RawDataError(
                f"raw root folder {self.root} cannot be listed: {error.strerror}; set PERSONA_DATA_ROOT to the "
                f"folder that holds {signs.place}"
            ).about(path=self.root) from error
        for entry in entries:
            if not entry.is_folder:
                yield from signs.astray(entry, conversations, lost=True)
                continue
            try:
                yield ModelFolder(entry.path, entries_of(entry.path, signs.suffixes))
            except OSError as error:
                yield unlisted(entry.path, error)

    def _find_named(self, model: str) -> RawLayout | None:
        name = self.named.get(model)
        if name is None:
            return None
        for layout in self.layouts:
            if layout.name == name:
                return layout
        known = ", ".join(layout.name for layout in self.layouts)
        raise SettingsError(f"PERSONA_LAYOUTS[{model}] = {name!r} is no raw layout; use one of {known}")
