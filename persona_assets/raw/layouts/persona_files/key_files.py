"""The raw files of one key. A folder is listed only if the persona has no whole file in it."""

from collections.abc import Iterable, Sequence
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


def find_files(model: Path, places: Sequence[Place], persona: str) -> KeyFiles:
    """The files of ``persona`` below the folder of its model; those that are expected in one place if there are none.

    Whatever cannot be looked at counts as being there: opening it raises an error that says why.
    """
    found: list[Path] = []
    chosen = places[0]
    for look in (_find_whole, _find_shards):
        for place in places:
            paths = look(place.below(model) / place.responses, persona)
            chosen = place if paths and not found else chosen
            found += paths
        if found:
            break
    else:
        chosen = next((place for place in places if _may_exist(place.below(model) / place.responses)), chosen)
        found = [chosen.below(model) / chosen.responses / f"{persona}{RESPONSE_SUFFIX}"]
    return KeyFiles(name_conversations(found), _find_scores(chosen.below(model), chosen.scores, persona))


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
