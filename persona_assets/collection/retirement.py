"""Moving the outputs of keys whose raw file is gone to the trash, with a record of what they were."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from persona_assets.collection.outputs import list_outputs_on_disk
from persona_assets.collection.trash import make_trash_folder
from persona_assets.errors import RawDataError, SettingsError, StorageError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory
from persona_assets.raw.sources import locate
from persona_assets.regular_files import check_regular
from persona_assets.settings import Settings
from persona_assets.stage.spec import PERSONAS
from persona_assets.store.content import Content, list_files
from persona_assets.store.file_provenance import Provenance
from persona_assets.store.locks import locked
from persona_assets.store.ownership import owning
from persona_assets.store.replacement import replacing
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class Retired:
    key: DatasetKey
    files: int
    size_bytes: int
    trash: Path
    """Where the outputs are now."""


def refuse_retirement(
    keys: Sequence[DatasetKey], known: int, inventory: RawInventory, settings: Settings, count: int | None
) -> None:
    """Raise unless all of ``keys``, out of ``known`` keys, may be retired. ``count`` is how many the user expects.

    Raises:
        RawDataError: a key still has its raw file; or the raw root holds none at all, as when it is not mounted.
        SettingsError: their number is not the expected one, or too large to be retired without one.
    """
    if not inventory.keys:
        raise RawDataError(
            f"{inventory.root} holds no raw file, so nothing tells which keys are gone for good; "
            "is it mounted, and is PERSONA_DATA_ROOT right?"
        )
    for key in keys:
        _require_gone(settings, key)
    if count not in (None, len(keys)):
        raise SettingsError(f"{len(keys):,} keys would be retired, not {count:,}; nothing was done")
    if count is None and len(keys) > settings.retire_share * known:
        raise SettingsError(
            f"{len(keys):,} of {known:,} keys would be retired, more than the share of {settings.retire_share:g} "
            f"that PERSONA_RETIRE_SHARE allows; is {inventory.root} complete? If it is, add --count {len(keys)}"
        )


def refuse_without_record(workspace: Workspace) -> None:
    """Raise unless it can be written down what is retired.

    Raises:
        StorageError: the record is no regular file, or may not be written.
    """
    path = workspace.retired_file
    try:
        if os.path.lexists(path):
            check_regular(path)
            path.open("a", encoding="utf-8").close()
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}; nothing was removed") from error


class RetiredRecord(msgspec.Struct, frozen=True):
    """A line of ``persona_retired.jsonl``: what was moved to the trash."""

    key: str
    retired: str
    trash: str
    git_sha: str | None
    persona_assets_version: str
    files: dict[str, Content]
    """By path relative to the workspace."""


def retire(settings: Settings, key: DatasetKey) -> Retired:
    """Move every output and record of ``key`` into the trash in one step, after writing down what they were.

    Raises:
        RawDataError: its raw file is still there, so that the next scan would bring the key back.
        StorageError: something cannot be moved; then everything is as it was.
    """
    _require_gone(settings, key)
    workspace = Workspace.of(settings)
    ownership = workspace.ownership(key)
    with owning(ownership):
        paths = list_outputs_on_disk(workspace).get(key, [])
        contents = _contents(paths)
        trash = make_trash_folder(workspace, key)
        _write_down(workspace, key, contents, trash)
        with replacing(ownership.journal) as replacement:
            for path in paths:
                replacement.move(path, trash / path.relative_to(workspace.root))
    return Retired(key, len(contents), sum(content.size_bytes for content in contents.values()), trash)


def _contents(paths: Iterable[Path]) -> dict[Path, Content]:
    contents = {}
    for file in (file for path in paths for file in list_files(path)):
        try:
            contents[file] = Content.of(file)
        except OSError as error:
            raise StorageError(
                f"{file} cannot be read: {error.strerror or error}; nothing was moved, remove it by hand first"
            ) from error
    return contents


def _write_down(workspace: Workspace, key: DatasetKey, contents: dict[Path, Content], trash: Path) -> None:
    now = Provenance.now()
    record = RetiredRecord(
        str(key),
        retired=now.timestamp,
        trash=str(trash.relative_to(workspace.root)),
        git_sha=now.git_sha,
        persona_assets_version=now.persona_assets_version,
        files={str(path.relative_to(workspace.root)): content for path, content in sorted(contents.items())},
    )
    lock, path = workspace.corpus_ownership.lock, workspace.retired_file
    try:
        if os.path.lexists(path):
            check_regular(path)
        with locked(lock), path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(msgspec.to_builtins(record), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}; nothing was removed") from error


def find_orphans(settings: Settings) -> Sequence[DatasetKey]:
    """Keys that have outputs but no raw file. One that has a partition alone may be another workspace's.

    Raises:
        RawDataError: there is no telling whether a raw file exists.
    """
    on_disk = sorted(list_outputs_on_disk(Workspace.of(settings), PERSONAS))
    keys = [key for key in on_disk if isinstance(key, DatasetKey)]
    corpus = RawCorpus.of(settings)
    return [key for key in keys if locate(corpus, key).is_gone()]


def _require_gone(settings: Settings, key: DatasetKey) -> None:
    sources = locate(RawCorpus.of(settings), key)
    if not sources.is_gone():
        raise RawDataError(
            f"{key} still has its raw file {sources.conversations[0].path}; remove or rename that first"
        )
