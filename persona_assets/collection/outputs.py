"""Which key every file of the workspace belongs to, told by its folder and its name."""

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from persona_assets.errors import InvalidNameError, StorageError
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.workspace import FOLDERS, Workspace


def outputs_on_disk(workspace: Workspace) -> dict[DatasetKey, list[Path]]:
    """Every output and record of every key: dataset folders whole, everything else file by file.

    Raises:
        StorageError: a folder of the workspace cannot be listed.
    """
    found: dict[DatasetKey, list[Path]] = defaultdict(list)
    for folder, suffixes in workspace.output_suffixes.items():
        for entry in entries(folder):
            suffix = _suffix_of(entry.name, suffixes)
            key = key_of(entry.name, suffixes)
            if key and entry.is_dir() == (suffix == FOLDERS):
                found[key].append(Path(entry.path))
    return found


def key_of(name: str, suffixes: tuple[str, ...]) -> DatasetKey | None:
    """The key of an output called ``name`` in a folder whose outputs end in one of ``suffixes``, if it is one."""
    suffix = _suffix_of(name, suffixes)
    if suffix is None:
        return None
    try:
        return DatasetName.parse(name.removesuffix(suffix)).key
    except InvalidNameError:
        return None


def _suffix_of(name: str, suffixes: tuple[str, ...]) -> str | None:
    return next((suffix for suffix in suffixes if name.endswith(suffix)), None)


def entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What a folder of the workspace holds, by name; nothing where there is no such folder.

    Raises:
        StorageError: it cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be listed: {error.strerror}; check the disk and its permissions"
        ) from error
