"""Every key with how it stands and what it holds, for a list that answers at once.

Nothing is hashed or compared, as a survey does it: how a key stands is what the catalogue says, or what the last work
on it left, if that is newer than the catalogue. The raw root may be away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from persona_assets.collection.listed_figures import Figures, read_figures
from persona_assets.collection.outputs import list_entries
from persona_assets.errors import InconsistentOutputError, InvalidNameError, Producer
from persona_assets.keys import DatasetKey
from persona_assets.regular_files import read_regular
from persona_assets.store.file_stamps import FileStamp
from persona_assets.store.records import MOST_BYTES, damaged
from persona_assets.workspace import Workspace

_RECORD = ".json"
_ORPHANED, _MISSING, _FAILED, _WARNED, _PASSED = "orphaned", "missing", "failed", "warned", "passed"


class Standing(msgspec.Struct, frozen=True):
    """How a key stands, by the names of ``collection.survey.State``, and the reason, which is empty if it passed."""

    state: str
    reason: str = ""


class _Catalogue(msgspec.Struct, frozen=True):
    """The catalogue, as far as it is read here."""

    keys: dict[str, Standing]


@dataclass(frozen=True)
class ListedKey:
    key: DatasetKey
    standing: Standing
    figures: Figures


@dataclass(frozen=True)
class _KnownStandings:
    """What the catalogue says, and when it was written: 0 if it never was."""

    workspace: Workspace
    of_keys: dict[str, Standing] = field(default_factory=dict)
    written_ns: int = 0

    @classmethod
    def read(cls, workspace: Workspace) -> "_KnownStandings":
        file = workspace.catalogue_file
        written_ns = _find_time(file)
        if not written_ns:
            return cls(workspace)
        try:
            catalogue = msgspec.json.decode(read_regular(file, MOST_BYTES), type=_Catalogue)
        except (ValueError, RecursionError) as error:
            raise damaged(file, str(error), Producer(file.stem, "all keys")) from error
        return cls(workspace, catalogue.keys, written_ns)

    def find(self, key: DatasetKey) -> Standing:
        """Raises InconsistentOutputError if the record of the last work on ``key`` is damaged."""
        worked_on = _find_time(self.workspace.last_outcome(key))
        if worked_on <= self.written_ns:
            return self.of_keys.get(str(key), Standing(_MISSING))
        from persona_assets.run.last_outcome import read_last_outcome  # imports every stage, which takes a while

        last = read_last_outcome(self.workspace, key)
        if last.failure:
            return Standing(_FAILED, f"{last.failure.stage}: {last.failure.message}")
        for severe, state in ((True, _FAILED), (False, _WARNED)):
            if failed := last.failed_checks(severe=severe):
                return Standing(state, "; ".join(f"{name}: {sentence}" for name, sentence in failed.items()))
        return Standing(_PASSED)


def list_made(workspace: Workspace) -> list[DatasetKey]:
    """The keys of which something was made or tried, sorted.

    Raises:
        StorageError: a folder of the workspace cannot be listed.
    """
    found = set()
    for folder in (workspace.manifest("").parent, workspace.last_outcomes):
        for entry in list_entries(folder):
            try:
                found.add(DatasetKey.parse(entry.name.removesuffix(_RECORD)))
            except InvalidNameError:
                continue
    return sorted(found)


def list_with_figures(
    workspace: Workspace, keys: Iterable[DatasetKey], raw_keys: frozenset[DatasetKey] | None
) -> list[ListedKey]:
    """Each of ``keys`` with its standing and figures. ``raw_keys``: those that have a raw file; None if the raw root
    is away.

    A key whose records are damaged is said to have failed, with where the damage is.

    Raises:
        InconsistentOutputError: the catalogue is damaged.
    """
    known = _KnownStandings.read(workspace)
    return [_look(workspace, known, key, gone=raw_keys is not None and key not in raw_keys) for key in keys]


def _look(workspace: Workspace, known: _KnownStandings, key: DatasetKey, *, gone: bool) -> ListedKey:
    try:
        standing, figures = known.find(key), read_figures(workspace, key)
    except InconsistentOutputError as error:
        return ListedKey(key, Standing(_FAILED, str(error)), Figures())
    return ListedKey(key, Standing(_ORPHANED, "its raw file is gone") if gone else standing, figures)


def _find_time(path: Path) -> int:
    stamp = FileStamp.seen_at(str(path))
    return stamp.modified_ns if stamp else 0
