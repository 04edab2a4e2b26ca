"""The chat files in a model's folder and in its folders of roles and traits, and what beside them is not read."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_assets.raw.folders import Entry, ModelFolder, UnfitFile, entries_of, unlisted
from persona_assets.raw.layouts.chat_data.names import KINDS_BY_FOLDER, SIGNS, SUFFIXES


@dataclass(frozen=True)
class ChatFile:
    """A file of chat data."""

    path: Path
    name: str
    """Its path below the model's folder."""

    @property
    def persona(self) -> str:
        """The persona of its rows, if they do not tell it."""
        suffix = next(suffix for suffix in SUFFIXES if self.name.endswith(suffix))
        return self.path.name.removesuffix(suffix)

    @property
    def kind_name(self) -> str | None:
        """The kind of its personas, if its folder tells it."""
        return KINDS_BY_FOLDER.get(self.name.rpartition("/")[0])


def list_chat_files(model: ModelFolder) -> list[ChatFile]:
    """Every chat file of a model that can be seen, those directly in its folder first."""
    files = list_files_directly_in(model)
    for folder in _kind_folders(model):
        try:
            files += _among(entries_of(folder.path, SUFFIXES), f"{folder.name}/")
        except OSError:  # which is a finding
            continue
    return files


def find_files_named(folder: Path, persona: str) -> list[ChatFile]:
    """Those of the chat files of a model that have the name of ``persona``, without listing its folders."""
    places = ("", *(f"{name}/" for name in KINDS_BY_FOLDER))
    names = [f"{place}{persona}{suffix}" for place in places for suffix in SUFFIXES]
    return [ChatFile(folder / name, name) for name in names if _is_file(folder / name)]


def list_files_directly_in(model: ModelFolder) -> list[ChatFile]:
    """The chat files in the model's folder itself."""
    return _among(model.entries, "")


def list_strays(model: ModelFolder) -> Iterator[UnfitFile]:
    """What looks like a chat file, or holds some, but is not read."""
    yield from _strays_among(model.entries, tuple(KINDS_BY_FOLDER))
    for entry in model.entries:
        if entry.is_folder and entry.name not in KINDS_BY_FOLDER:
            yield from SIGNS.misplaced(entry.path, f"only {' and '.join(KINDS_BY_FOLDER)} of a model are looked into")
    for folder in _kind_folders(model):
        try:
            entries = entries_of(folder.path, SUFFIXES)
        except OSError as error:
            yield unlisted(folder.path, error)
            continue
        yield from _strays_among(entries, ())
        for entry in entries:
            if entry.is_folder:
                yield from SIGNS.misplaced(entry.path, f"only files directly in {folder.name} are read")


def _kind_folders(model: ModelFolder) -> list[Entry]:
    return [entry for entry in model.entries if entry.is_folder and entry.name in KINDS_BY_FOLDER]


def _among(entries: Sequence[Entry], place: str) -> list[ChatFile]:
    return [ChatFile(entry.path, f"{place}{entry.name}") for entry in entries if _is_read(entry)]


def _strays_among(entries: Sequence[Entry], folders: tuple[str, ...]) -> Iterator[UnfitFile]:
    for entry in entries:
        if not entry.is_folder and not _is_read(entry):
            yield from SIGNS.astray(entry, SUFFIXES, folders)


def _is_read(entry: Entry) -> bool:
    return not entry.is_folder and not entry.problem and entry.name.endswith(SUFFIXES)


def _is_file(path: Path) -> bool:
    """Whether listing its folder would find a file there; one that cannot be looked at is none."""
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False
