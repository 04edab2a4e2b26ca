"""Knowing without reading them that the files about all keys are those that would be made now."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from persona_assets.provenance import git_sha, package_version
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import fingerprint
from persona_assets.settings import Settings
from persona_assets.store.file_stamps import FileStamp
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace


def describe_inputs(settings: Settings, registered: Iterable[str]) -> str:
    """A hash of all that the files about all keys depend on, but for outputs: a run finds out about those.

    Raises:
        RawDataError: the raw root cannot be listed.
    """
    folders = [folder for folder, _ in Workspace.of(settings).records]
    return _hash(
        [
            f"{package_version()} {git_sha()}",
            settings.model_dump_json(),
            fingerprint(RawCorpus.of(settings)),
            *sorted(registered),
            *(stamp for folder in folders for stamp in _stamps_in(folder)),
        ]
    )


def is_refreshed(settings: Settings, inputs: str) -> bool:
    """Whether the files about all keys are as ``note_refreshed`` left them, made from these ``inputs``."""
    workspace = Workspace.of(settings)
    try:
        return workspace.refreshed_file.read_text(encoding="utf-8") == _note(workspace, inputs)
    except FileNotFoundError:
        return False


def note_refreshed(settings: Settings, inputs: str) -> None:
    """Note that the files about all keys were just made from ``inputs``.

    Raises:
        StorageError: the note cannot be written.
    """
    workspace = Workspace.of(settings)
    with new_file(workspace.refreshed_file) as staged:
        staged.write_text(_note(workspace, inputs), encoding="utf-8")


def _note(workspace: Workspace, inputs: str) -> str:
    files = (*workspace.corpus_files, workspace.report_summary, workspace.retired_file)
    folders = (*workspace.comparison_folders, *workspace.report_folders)
    made = [
        *(f"{path} {FileStamp.seen_at(str(path))}" for path in files),
        *(stamp for folder in folders for stamp in _stamps_in(folder)),
    ]
    return f"{inputs}\n{_hash(made)}\n"


def _hash(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{part}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _stamps_in(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            stamps = [f"{entry.path} {FileStamp.of(entry.stat())}" for entry in entries]
        yield from sorted(stamps)
