"""Which key every file of the workspace belongs to, told by its name alone."""

from collections import defaultdict
from pathlib import Path

from persona_assets.errors import InvalidNameError
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.workspace import Workspace

_FILE_SUFFIXES = (".parquet", ".jsonl", ".json", ".png")


def outputs_on_disk(workspace: Workspace) -> dict[DatasetKey, list[Path]]:
    """Every output and record of every key: dataset folders whole, everything else file by file."""
    found: dict[DatasetKey, list[Path]] = defaultdict(list)
    for folder in workspace.output_folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if (key := key_of(path.name)) and not path.name.startswith("."):
                found[key].append(path)
    return found


def key_of(name: str) -> DatasetKey | None:
    """The key a file or folder is named after; None if it is named after none."""
    suffix = next((suffix for suffix in _FILE_SUFFIXES if name.endswith(suffix)), "")
    try:
        return DatasetName.parse(name.removesuffix(suffix)).key
    except InvalidNameError:
        return None
