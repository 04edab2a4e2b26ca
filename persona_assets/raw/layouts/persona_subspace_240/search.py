"""Finding the raw files of a model, and whatever beside them looks like raw data but is not read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import Kind
from persona_assets.raw.folders import (
    ModelFolder,
    UnfitFile,
    entries_of,
    finding_line,
    names_in,
    stamp_lines,
    unlisted,
)
from persona_assets.raw.layouts.persona_subspace_240.names import (
    KINDS_BY_FOLDER,
    PLACES,
    RESPONSE_SUFFIX,
    RESPONSES,
    SCORE_SUFFIX,
    SCORES,
    SIGNS,
    SUFFIXES,
)


@dataclass(frozen=True)
class _KindFolder:
    """A folder whose raw files are read."""

    path: Path
    model: str
    kind: Kind
    places: frozenset[str]
    """Which of ``responses`` and ``extract_scores`` it has."""


def find(model: ModelFolder) -> Iterator[DatasetKey | UnfitFile]:
    """Yield every key of the model, and every finding about what is not one."""
    for part in _parts(model):
        if isinstance(part, UnfitFile):
            yield part
        else:
            yield from _scan(part)


def fingerprint_lines(model: ModelFolder) -> Iterator[str]:
    """Yield name, size and time of every raw file, and every finding beside them."""
    for part in _parts(model):
        if isinstance(part, UnfitFile):
            yield finding_line(part)
            continue
        for place in sorted(part.places):
            yield from stamp_lines(part.path / place)


def _parts(model: ModelFolder) -> Iterator[_KindFolder | UnfitFile]:
    for entry in model.entries:
        if not entry.is_folder:
            yield from SIGNS.astray(entry, (RESPONSE_SUFFIX,), tuple(KINDS_BY_FOLDER))
        elif kind := KINDS_BY_FOLDER.get(entry.name):
            yield from _of_kind(entry.path, model.model, kind)
        elif SIGNS.resembles(entry.name, KINDS_BY_FOLDER.keys() | PLACES):
            yield from SIGNS.misplaced(entry.path, f"only {' and '.join(KINDS_BY_FOLDER)} of a model are read")


def _of_kind(folder: Path, model: str, kind: Kind) -> Iterator[_KindFolder | UnfitFile]:
    try:
        entries = entries_of(folder, SUFFIXES)
    except OSError as error:
        yield unlisted(folder, error)
        return
    for entry in entries:
        if not entry.is_folder:
            yield from SIGNS.astray(entry, SUFFIXES, PLACES)
        elif entry.name not in PLACES and SIGNS.resembles(entry.name, PLACES):
            yield from SIGNS.misplaced(entry.path, f"only its {' and '.join(PLACES)} are read")
    places = frozenset(entry.name for entry in entries if entry.is_folder).intersection(PLACES)
    yield _KindFolder(folder, model, kind, places)


def _scan(folder: _KindFolder) -> Iterator[DatasetKey | UnfitFile]:
    try:
        responses = _names(folder, RESPONSES)
    except OSError as error:
        yield unlisted(folder.path / RESPONSES, error)
        return
    for name in responses:
        yield _as_key(folder, name)
    try:
        scores = _names(folder, SCORES)
    except OSError as error:
        yield unlisted(folder.path / SCORES, error)
        return
    with_responses = {name.removesuffix(RESPONSE_SUFFIX) for name in responses if name.endswith(RESPONSE_SUFFIX)}
    for name in scores:
        if not name.endswith(SCORE_SUFFIX):
            yield SIGNS.stranger(folder.path / SCORES / name, SCORE_SUFFIX)
        elif name.removesuffix(SCORE_SUFFIX) not in with_responses:
            yield UnfitFile(folder.path / SCORES / name, "scores conversations that are not there")


def _names(folder: _KindFolder, place: str) -> list[str]:
    return names_in(folder.path / place, SUFFIXES) if place in folder.places else []


def _as_key(folder: _KindFolder, name: str) -> DatasetKey | UnfitFile:
    path = folder.path / RESPONSES / name
    if not name.endswith(RESPONSE_SUFFIX):
        return SIGNS.stranger(path, RESPONSE_SUFFIX)
    try:
        return DatasetKey(folder.model, folder.kind.name, name.removesuffix(RESPONSE_SUFFIX))
    except InvalidNameError as error:
        return UnfitFile(path, str(error))
