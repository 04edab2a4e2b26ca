"""Finding and clearing what a killed process left behind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from persona_assets.collection.outputs import find_key, list_entries, list_journal_namings, list_namings
from persona_assets.errors import BusyError, PersonaAssetsError
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import PICTURE_FORMATS
from persona_assets.store.hidden_names import HiddenName
from persona_assets.store.moving import discard_unless_in_use
from persona_assets.store.ownership import owning
from persona_assets.workspace import Ownership, Workspace

_PICTURE_SUFFIXES = tuple(f".{form}" for form in PICTURE_FORMATS)
_REPORT_SUFFIXES = (".html", ".json")


@dataclass
class Cleanup:
    """The result of clearing leftovers."""

    given_back: list[Path] = field(default_factory=list)
    """Journals whose outputs were restored to their earlier versions."""
    removed: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Messages about what could not be done. They concern single keys, and must not stop a run over others."""


def find_leftovers(workspace: Workspace) -> list[Path]:
    """Find journals and hidden files: of a killed process, or of one that is still running."""
    return sorted(path for paths in _group_by_owner(workspace).values() for path in paths)


def clean_up(workspace: Workspace) -> Cleanup:
    """Restore what killed processes had begun to replace, and remove the other files they left.

    Outputs in use by a living process are skipped: it holds their lock.
    """
    cleanup = Cleanup()
    for ownership, paths in _group_by_owner(workspace).items():
        try:
            with owning(ownership, patience_seconds=0) as given_back:
                cleanup.given_back += [ownership.journal] * given_back
                _remove_paths([path for path in paths if path != ownership.journal], cleanup)
        except BusyError:
            continue
        except PersonaAssetsError as error:
            cleanup.problems.append(str(error))
    return cleanup


def _remove_paths(paths: list[Path], cleanup: Cleanup) -> None:
    for path in paths:
        try:
            if discard_unless_in_use(path):
                cleanup.removed.append(path)
        except OSError as error:
            cleanup.problems.append(f"{path}, left by a killed process, cannot be removed: {error.strerror}")


def _group_by_owner(workspace: Workspace) -> dict[Ownership, list[Path]]:
    found: dict[Ownership, list[Path]] = {}
    for owner, path in _find_owned(workspace):
        found.setdefault(owner, []).append(path)
    return found


def _find_owned(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    """Find every leftover and its owner. Only names of exactly the forms that this package uses count."""
    yield from _find_leftover_journals(workspace)
    yield from _find_leftovers_of_keys(workspace)
    yield from _find_leftovers_of_all_keys(workspace)


def _find_leftovers_of_keys(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    for folder, namings in list_namings(workspace).items():
        for target, path in _find_hidden(folder):
            if key := find_key(target, namings):
                yield workspace.ownership(key), path


def _find_leftovers_of_all_keys(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    own_files = {SETTINGS_FILE, *(file.name for file in (*workspace.corpus_files, workspace.refreshed_file))}
    for target, path in _find_hidden(workspace.root):
        if target in own_files:
            yield workspace.corpus_ownership, path
    pictures = dict.fromkeys(workspace.comparison_folders, _PICTURE_SUFFIXES)
    pages = dict.fromkeys(workspace.report_folders, _REPORT_SUFFIXES)
    for folder, suffixes in (pictures | pages).items():
        for target, path in _find_hidden(folder):
            if target.endswith(suffixes):
                yield workspace.corpus_ownership, path


def _find_leftover_journals(workspace: Workspace) -> Iterator[tuple[Ownership, Path]]:
    namings = list_journal_namings()
    for entry in list_entries(workspace.journals):
        hidden = HiddenName.parse(entry.name)
        target = hidden.target if hidden else entry.name
        key = find_key(target, namings)
        owner = workspace.ownership(key) if key else workspace.corpus_ownership
        if owner.journal.name == target:
            yield owner, Path(entry.path)


def _find_hidden(folder: Path) -> Iterator[tuple[str, Path]]:
    for entry in list_entries(folder):
        if hidden := HiddenName.parse(entry.name):
            yield hidden.target, Path(entry.path)
