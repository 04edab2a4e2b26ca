"""Which folders of the raw root hold raw files, and what lies beside them as if it were to be read."""

import difflib
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from persona_assets.kinds import KINDS, Kind

RESPONSES, SCORES = "responses", "extract_scores"
RESPONSE_SUFFIX, SCORE_SUFFIX = ".jsonl", ".json"
DATA_SUFFIXES = (RESPONSE_SUFFIX, SCORE_SUFFIX)
LAYOUT = "{model}/{roles_240|traits_240}/{responses|extract_scores}/"

MOST_LISTED = 1000
"""Entries looked at in a folder that is not to be read: enough to tell whether data lies there."""
MOST_ENTERED = 20
"""Its subfolders looked into. Nothing below those is."""
ALIKE = 0.75
"""From which similarity on a name is taken for a misspelt one, such as ``rloes_240`` or ``respones``."""

_STEMS = ("role", "trait", "respons", "score")
_KIND_FOLDERS = {kind.raw_folder: kind for kind in KINDS.values()}
_PLACES = (RESPONSES, SCORES)


@dataclass(frozen=True)
class UnfitFile:
    """A file or folder in the raw root that no partition key can stand for."""

    path: Path
    problem: str

    def __str__(self) -> str:
        return f"{ascii(str(self.path))[1:-1]}: {self.problem}"


@dataclass(frozen=True)
class KindFolder:
    """A folder whose raw files are read."""

    path: Path
    model: str
    kind: Kind
    places: frozenset[str]
    """Which of ``responses`` and ``extract_scores`` it has."""


@dataclass(frozen=True)
class _Entry:
    """Something in a folder; what it is is asked of the disk only where that matters."""

    path: Path
    name: str
    is_folder: bool
    problem: str | None = None
    """Why it cannot be told what it is."""

    @classmethod
    def of(cls, entry: "os.DirEntry[str]") -> "_Entry":
        path = Path(entry.path)
        try:
            is_folder = entry.is_dir()
            lost = not is_folder and entry.is_symlink() and not path.exists()
        except OSError as error:
            return cls(path, entry.name, is_folder=False, problem=f"cannot be looked at: {error.strerror}")
        return cls(path, entry.name, is_folder, "is a symbolic link that leads nowhere" if lost else None)

    @property
    def is_data(self) -> bool:
        return not self.is_folder and self.name.lower().endswith(DATA_SUFFIXES)


def layout(root: Path) -> Iterator[KindFolder | UnfitFile]:
    """Every folder to be read, and what is not read although it looks like raw data, one listing per folder.

    Raises:
        OSError: ``root`` cannot be listed.
    """
    for entry in _listed(root):
        if entry.is_folder:
            yield from _of_model(entry)
        else:
            yield from _astray(entry, (RESPONSE_SUFFIX,), lost=True)


def _of_model(model: _Entry) -> Iterator[KindFolder | UnfitFile]:
    try:
        entries = _listed(model.path)
    except OSError as error:
        yield unlisted(model.path, error)
        return
    for entry in entries:
        if not entry.is_folder:
            yield from _astray(entry, (RESPONSE_SUFFIX,), tuple(_KIND_FOLDERS))
        elif kind := _KIND_FOLDERS.get(entry.name):
            yield from _of_kind(entry.path, model.name, kind)
        elif resembles(entry.name, _KIND_FOLDERS.keys() | _PLACES):
            yield from _misplaced(entry.path, f"only {' and '.join(_KIND_FOLDERS)} of a model are read")


def _of_kind(folder: Path, model: str, kind: Kind) -> Iterator[KindFolder | UnfitFile]:
    try:
        entries = _listed(folder)
    except OSError as error:
        yield unlisted(folder, error)
        return
    for entry in entries:
        if not entry.is_folder:
            yield from _astray(entry, DATA_SUFFIXES, _PLACES)
        elif entry.name not in _PLACES and resembles(entry.name, _PLACES):
            yield from _misplaced(entry.path, f"only its {' and '.join(_PLACES)} are read")
    places = frozenset(entry.name for entry in entries if entry.is_folder).intersection(_PLACES)
    yield KindFolder(folder, model, kind, places)


def _astray(
    entry: _Entry, suffixes: tuple[str, ...], folders: Collection[str] = (), *, lost: bool = False
) -> Iterator[UnfitFile]:
    """The finding about what is no folder: raw data, what has a folder's name, or a link to a folder that is gone.

    Args:
        lost: whether any link that leads nowhere is one, whatever its name.
    """
    is_data = entry.name.lower().endswith(suffixes)
    if entry.problem and (lost or is_data or resembles(entry.name, folders)):
        yield UnfitFile(entry.path, f"{entry.problem}; mend it, or remove it")
    elif entry.name in folders:
        yield UnfitFile(entry.path, "is a file where a folder should be; move it away")
    elif is_data:
        yield UnfitFile(entry.path, f"is not read here; raw files belong in {LAYOUT}")


def _misplaced(folder: Path, rule: str) -> Iterator[UnfitFile]:
    try:
        found = data_below(folder)
    except OSError as error:
        yield unlisted(folder, error)
        return
    if found:
        yield UnfitFile(folder, f"holds {found}, but {rule}; raw files belong in {LAYOUT}")


def data_below(folder: Path) -> str | None:
    """What of raw data a folder and its subfolders hold, in words, or None. Looks at a limited number of entries.

    Raises:
        OSError: ``folder`` cannot be listed.
    """
    entries = _listed(folder, MOST_LISTED)
    names = [entry.name for entry in entries if entry.is_data]
    for below in islice((entry for entry in entries if entry.is_folder), MOST_ENTERED):
        try:
            names += [entry.name for entry in _listed(below.path, MOST_LISTED) if entry.is_data]
        except OSError:  # of somebody else's folder, in which nothing is read
            continue
    return f"{len(names):,} raw files such as {ascii(names[0])[1:-1]}" if names else None


def hidden(name: str) -> bool:
    """Whether it is a file of the system or of a program, such as ``.DS_Store``, rather than data."""
    return name.startswith(".") and not name.endswith(DATA_SUFFIXES)


def _listed(folder: Path, most: int | None = None) -> list[_Entry]:
    with os.scandir(folder) as entries:
        shown = (_Entry.of(entry) for entry in islice(entries, most) if not hidden(entry.name))
        return sorted(shown, key=lambda entry: entry.name)


def unlisted(folder: Path, error: OSError) -> UnfitFile:
    return UnfitFile(folder, f"cannot be listed: {error.strerror}; give permission to read it, or move it away")


def resembles(name: str, known: Collection[str]) -> bool:
    """Whether a folder was probably meant to be one of ``known``, under another spelling or as a copy of it."""
    folded, *meant = (re.sub("[^a-z]", "", one.lower()) for one in (name, *known))
    similar = bool(difflib.get_close_matches(folded, meant, n=1, cutoff=ALIKE))
    return similar or any(stem in folded and any(stem in one for one in meant) for stem in _STEMS)
