"""What a killed process leaves behind, and what the next run does about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from persona_assets.collection.outputs import find_key, list_entries, list_journal_namings, list_namings
from persona_assets.errors import BusyError, PersonaAssetsError
from persona_assets.settings import SETTINGS_FILE
from persona_assets.store.hidden_names import HiddenName
from persona_assets.store.moving import discard_unless_in_use
from persona_assets.store.ownership import owning
from persona_assets.workspace import Ownership, Workspace

_PICTURE_SUFFIX = ".png"


@dataclass
class Cleanup:
    """What was done about leftovers."""

    given_back: list[Path] = field(default_factory=list)
    """Journals whose outputs have their earlier versions back."""
    removed: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """What could not be done, in words: it concerns its own key, and must not stop a run over others."""


def find_leftovers(workspace: Workspace) -> list[Path]:
    """Journals and hidden entries: of a process that was killed, or that is at work just now."""
    return sorted(path for paths in _by_owner(workspace).values() for path in paths)


def clean_up(workspace: Workspace) -> Cleanup:
    """Put back what killed processes had begun to replace, and remove the rest of what they left.

    Only what no living process works on: whoever writes outputs of a key holds its lock.
    """
    cleanup = Cleanup()
    for ownership, paths in _by_owner(workspace).items():
        try:
            with owning(ownership, patience_seconds=0) as given_back:
                cleanup.given_back += [ownership.journal] * given_back
                _remove([path for path in paths if path != ownership.journal], cleanup)
        except BusyError:
            continue
        except PersonaAssetsError as error:
            cleanup.problems.append(str(error))
    return cleanup


def _remove(paths: list[Path], cleanup: Cleanup) -> None:
    for path in paths:
        try:
            if discard_unless_in_use(path):
                cleanup.removed.append(path)
        except OSError as error:
            cleanup.problems.append(f"{path}, left by a killed process, cannot be removed: {error.strerror}")


def _by_owner(workspace: Workspace) -> dict[Ownership, list[Path]]:
    found: dict[Ownership, list[Path]] = {}
    for owner, path in _owned(workspace):
        found.setdefault(owner, []).append(path)
    return found


def _owned(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    """Every leftover with its owner. What is not exactly of a form that this package leaves there is not one."""
    yield from _in_journals(workspace)
    yield from _of_keys(workspace)
    yield from _of_all_keys(workspace)


def _of_keys(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    for folder, namings in list_namings(workspace).items():
        for target, path in _hidden_in(folder):
            if key := find_key(target, namings):
                yield workspace.ownership(key), path


def _of_all_keys(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    own_files = {SETTINGS_FILE, *(file.name for file in workspace.corpus_files)}
    for target, path in _hidden_in(workspace.root):
        if target in own_files:
            yield workspace.corpus_ownership, path
    for folder in workspace.comparison_folders:
        for target, path in _hidden_in(folder):
            if target.endswith(_PICTURE_SUFFIX):
                yield workspace.corpus_ownership, path


def _in_journals(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    namings = list_journal_namings()
    for entry in list_entries(workspace.journals):
        hidden = HiddenName.parse(entry.name)
        target = hidden.target if hidden else entry.name
        key = find_key(target, namings)
        owner = workspace.ownership(key) if key else workspace.corpus_ownership
        if owner.journal.name == target:
            yield owner, Path(entry.path)


def _hidden_in(folder: Path) -> Iterator[tuple[str, Path]]:
    for entry in list_entries(folder):
        if hidden := HiddenName.parse(entry.name):
            yield hidden.target, Path(entry.path)
