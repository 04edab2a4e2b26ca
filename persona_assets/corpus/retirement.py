"""Removing the outputs of a key for good, with a record of what was removed."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from persona_assets.corpus.outputs import outputs_on_disk
from persona_assets.errors import RawDataError, StorageError
from persona_assets.keys import DatasetKey
from persona_assets.provenance import git_sha, package_version
from persona_assets.store.content import Content, files_of
from persona_assets.store.locks import locked
from persona_assets.store.replacement import replacing
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class Retired:
    key: DatasetKey
    files: int
    size_bytes: int


def retire(workspace: Workspace, key: DatasetKey) -> Retired:
    """Remove every output and record of ``key`` in one step, after writing down what they were.

    Raises:
        RawDataError: its raw file is still there, so that the next scan would bring the key back.
        StorageError: something cannot be removed; then everything is as it was.
    """
    raw = workspace.raw_responses(key)
    if os.path.lexists(raw):
        raise RawDataError(f"{key} still has its raw file {raw}; remove or rename that first")
    with locked(workspace.lock(key)):
        paths = outputs_on_disk(workspace).get(key, [])
        contents = {file: Content.of(file) for path in paths for file in files_of(path)}
        _write_down(workspace, key, contents)
        with replacing() as replacement:
            for path in paths:
                replacement.remove(path)
    return Retired(key, len(contents), sum(content.size_bytes for content in contents.values()))


def _write_down(workspace: Workspace, key: DatasetKey, contents: dict[Path, Content]) -> None:
    record = {
        "key": str(key),
        "retired": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_sha": git_sha(),
        "persona_assets_version": package_version(),
        "files": {
            str(path.relative_to(workspace.root)): content.record() for path, content in sorted(contents.items())
        },
    }
    try:
        with locked(workspace.corpus_lock), workspace.retired_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(
            f"{workspace.retired_file} cannot be written: {error.strerror}; nothing was removed"
        ) from error


def orphaned_keys(workspace: Workspace) -> Sequence[DatasetKey]:
    """Keys that have outputs but no raw file."""
    return [key for key in sorted(outputs_on_disk(workspace)) if not os.path.lexists(workspace.raw_responses(key))]
