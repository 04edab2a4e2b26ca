"""Finding the raw files of a model, and whatever beside them looks like raw data but is not read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_assets.raw.folders import (
    Entry,
    ModelFolder,
    UnfitFile,
    entries_of,
    finding_line,
    names_in,
    stamp_lines,
    unlisted,
)
from persona_assets.raw.layouts.persona_files.arrangement import Arrangement, Place
from persona_assets.raw.layouts.persona_files.file_names import RESPONSE_SUFFIXES


@dataclass(frozen=True)
class FoundPlace:
    """A place of which a model has at least one folder."""

    place: Place
    folder: Path
    """The folder that its two folders are in."""
    there: frozenset[str]
    """Those of the names in its folder that are folders."""

    @property
    def score_folder(self) -> str | None:
        """The one that is read."""
        return next((name for name in self.place.scores if name in self.there), None)

    def list_responses(self, arrangement: Arrangement) -> list[str]:
        """Names of the files of conversations, and of whatever lies among them.

        Raises:
            OSError: the folder cannot be listed.
        """
        return _list(self.folder / self.place.responses, arrangement) if self.place.responses in self.there else []

    def list_scores(self, arrangement: Arrangement) -> list[str]:
        """The same of scores.

        Raises:
            OSError: the folder cannot be listed.
        """
        return _list(self.folder / self.score_folder, arrangement) if self.score_folder else []


def search(model: ModelFolder, arrangement: Arrangement) -> Iterator[FoundPlace | UnfitFile]:
    """Yield every place that a model has, and every finding about folders and about files outside of them."""
    signs, known = arrangement.signs, arrangement.read_in_model
    for entry in model.entries:
        if not entry.is_folder:
            if not arrangement.is_neighbour(entry.name):
                yield from signs.astray(entry, RESPONSE_SUFFIXES, known)
        elif entry.name in arrangement.folders:
            yield from _search_folder(entry, arrangement)
        elif entry.name not in known and signs.resembles(entry.name, {*known, *arrangement.inner_names}):
            yield from signs.misplaced(entry.path, f"only {' and '.join(known)} of a model are read")
    yield from _match(model.path, model.entries, arrangement.within(None))


def fingerprint_lines(model: ModelFolder, arrangement: Arrangement) -> Iterator[str]:
    """Yield name, size and time of every raw file, and every finding beside them."""
    for part in search(model, arrangement):
        if isinstance(part, UnfitFile):
            yield finding_line(part)
            continue
        for name in sorted(part.there.intersection(part.place.names)):
            yield from stamp_lines(part.folder / name, arrangement.is_neighbour)


def _search_folder(folder: Entry, arrangement: Arrangement) -> Iterator[FoundPlace | UnfitFile]:
    signs, places = arrangement.signs, arrangement.within(folder.name)
    names = tuple(dict.fromkeys(name for place in places for name in place.names))
    try:
        entries = entries_of(folder.path, signs.suffixes)
    except OSError as error:
        yield unlisted(folder.path, error)
        return
    for entry in entries:
        if not entry.is_folder:
            if not arrangement.is_neighbour(entry.name):
                yield from signs.astray(entry, signs.suffixes, names)
        elif entry.name not in names and signs.resembles(entry.name, names):
            yield from signs.misplaced(entry.path, f"only its {' and '.join(names)} are read")
    yield from _match(folder.path, entries, places)


def _match(folder: Path, entries: Sequence[Entry], places: list[Place]) -> Iterator[FoundPlace | UnfitFile]:
    there = frozenset(entry.name for entry in entries if entry.is_folder)
    for place in places:
        found = FoundPlace(place, folder, there.intersection(place.names))
        if found.there:
            yield found
        for name in place.scores:
            if name in there and name != found.score_folder:
                yield UnfitFile(
                    folder / name, f"is not read, because {found.score_folder} is there as well; keep one of them"
                )


def _list(folder: Path, arrangement: Arrangement) -> list[str]:
    names = names_in(folder, arrangement.signs.suffixes)
    return [name for name in names if not arrangement.is_neighbour(name)]
