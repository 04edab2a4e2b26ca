"""Finding the key that each file of the workspace belongs to, from its folder and its name."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from persona_assets.errors import InvalidNameError, StorageError
from persona_assets.stage.spec import FOLDERS, Partitioning, PartitionKey
from persona_assets.stages.registry import list_outputs, list_partitionings
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class Naming:
    """How the outputs of one partitioning in one folder are named."""

    partitioning: Partitioning
    suffixes: tuple[str, ...]

    def find_suffix(self, name: str) -> str | None:
        return next((suffix for suffix in self.suffixes if name.endswith(suffix)), None)

    def find_key(self, name: str) -> PartitionKey | None:
        """The key of the output called ``name``, if it is one."""
        suffix = self.find_suffix(name)
        if suffix is None:
            return None
        try:
            return self.partitioning.parse_output(name.removesuffix(suffix))
        except InvalidNameError:
            return None


def list_namings(workspace: Workspace) -> Mapping[Path, tuple[Naming, ...]]:
    """Every folder whose entries each belong to one key, and how they are named there."""
    found: dict[Path, list[Naming]] = defaultdict(list)
    for partitioning in list_partitionings():
        suffixes: dict[Path, list[str]] = defaultdict(list)
        for output in list_outputs(partitioning):
            suffixes[workspace.root / output.folder].append(output.suffix)
        for folder, suffix in workspace.records:
            suffixes[folder].append(suffix)
        for folder, endings in suffixes.items():
            # The longest first, because every name ends with the suffix of folders, which is empty.
            found[folder].append(Naming(partitioning, tuple(sorted(set(endings), key=len, reverse=True))))
    return {folder: tuple(namings) for folder, namings in found.items()}


def list_journal_namings() -> tuple[Naming, ...]:
    """How journals are named: after the key whose outputs were being replaced."""
    return tuple(Naming(partitioning, (".json",)) for partitioning in list_partitionings())


def find_key(name: str, namings: tuple[Naming, ...]) -> PartitionKey | None:
    """The key of the output called ``name`` in a folder of these ``namings``, if it is one."""
    return next((key for naming in namings if (key := naming.find_key(name))), None)


def list_outputs_on_disk(
    workspace: Workspace, partitioning: Partitioning | None = None
) -> dict[PartitionKey, list[Path]]:
    """Every output and record of every key: dataset folders whole, everything else file by file.

    Raises:
        StorageError: a folder of the workspace cannot be listed.
    """
    found: dict[PartitionKey, list[Path]] = defaultdict(list)
    for folder, namings in list_namings(workspace).items():
        for entry in list_entries(folder):
            for naming in namings:
                key = naming.find_key(entry.name)
                if key and entry.is_dir() == (naming.find_suffix(entry.name) == FOLDERS):
                    if partitioning in (None, naming.partitioning):
                        found[key].append(Path(entry.path))
                    break
    return found


def list_entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What a folder of the workspace holds, by name; nothing if there is no such folder.

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
