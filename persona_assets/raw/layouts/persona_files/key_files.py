"""The raw files of one key. A folder is listed only if the persona has no whole file in it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from persona_assets.raw.files import exists
from persona_assets.raw.folders import names_in
from persona_assets.raw.layouts.contract import KeyFiles
from persona_assets.raw.layouts.persona_files.arrangement import Place
from persona_assets.raw.layouts.persona_files.file_names import (
    RESPONSE_SUFFIX,
    RESPONSE_SUFFIXES,
    SCORE_SUFFIXES,
    name_conversations,
    read_response_name,
)

Find = Callable[[Path, str], list[Path]]
"""Gives those files in a folder that are of a persona."""


def find_files(model: Path, places: Sequence[Place], persona: str) -> KeyFiles:
    """The files of ``persona`` below the folder of its model; those that are expected in one place if there are none.

    Whatever cannot be looked at counts as being there: opening it raises an error that says why.
    """
    found = (
        _look(_find_whole, model, places, persona)
        or _look(_find_shards, model, places, persona)
        or [_expect(model, places, persona)]
    )
    place, _ = found[0]
    scores = _find_scores(place.below(model), place.scores, persona)
    return KeyFiles(name_conversations([path for _, path in found]), scores)


def _look(find: Find, model: Path, places: Sequence[Place], persona: str) -> list[tuple[Place, Path]]:
    folders = ((place, place.below(model) / place.responses) for place in places)
    return [(place, path) for place, folder in folders for path in find(folder, persona)]


def _expect(model: Path, places: Sequence[Place], persona: str) -> tuple[Place, Path]:
    """In the first place of which the model has the folder."""
    folders = [(place, place.below(model) / place.responses) for place in places]
    place, folder = next((one for one in folders if _may_exist(one[1])), folders[0])
    return place, folder / f"{persona}{RESPONSE_SUFFIX}"


def _find_whole(folder: Path, persona: str) -> list[Path]:
    return _those_there(folder / f"{persona}{suffix}" for suffix in RESPONSE_SUFFIXES)


def _find_shards(folder: Path, persona: str) -> list[Path]:
    try:
        names = names_in(folder, RESPONSE_SUFFIXES)
    except OSError:
        return []
    read = ((folder / name, read_response_name(name)) for name in names if name.startswith(persona))
    return [path for path, name in read if name and name.persona == persona]


def _find_scores(folder: Path, names: Sequence[str], persona: str) -> dict[str, Path]:
    """One file, be it there or not; or all if there are several, of which nothing tells which is right."""
    score_folders = _those_there(folder / name for name in names) if len(names) > 1 else []
    score_folder = score_folders[0] if score_folders else folder / names[0]
    expected = [score_folder / f"{persona}{suffix}" for suffix in SCORE_SUFFIXES]
    found = _those_there(expected) or expected[:1]
    return {"scores" if len(found) == 1 else f"scores, file {place}": path for place, path in enumerate(found, 1)}


def _those_there(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if _may_exist(path)]


def _may_exist(path: Path) -> bool:
    try:
        return exists(path)
    except OSError:
        return True
