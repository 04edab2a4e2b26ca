"""Copying one dataset of the workspace, as folder and as Parquet file, to where somebody wants it."""

import filecmp
import shutil
from pathlib import Path

from persona_assets.errors import MissingInputError, StorageError
from persona_assets.keys import DatasetName
from persona_assets.stages.parquet_export.spec import PARQUET_FILE
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.store.locks import locked_to_read
from persona_assets.workspace import Workspace

_UNFINISHED = ".unfinished"
_CACHES = "cache-*"
"""Files of the datasets library, which are no part of a dataset."""


def copy_dataset(workspace: Workspace, name: DatasetName, folder: Path) -> list[Path]:
    """Copy the dataset called ``name``, and its Parquet file, into ``folder``; return where they are.

    What is there with the same content is left alone. Each appears whole, or not at all.

    Raises:
        MissingInputError: there is no such dataset, because no row passes its filter.
        StorageError: something else is there by that name, or it cannot be written.
    """
    made = [output.path(workspace.root, name) for output in (DATASET_FOLDER, PARQUET_FILE)]
    with locked_to_read(workspace.ownership(name.key).lock):
        if not made[0].is_dir():
            raise MissingInputError(f"{name} is empty, because no row passes, so that there is nothing to copy")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return [_copy(path, folder / path.name) for path in made if path.exists()]
        except OSError as error:
            raise StorageError(
                f"{name} cannot be copied to {folder}: {error.strerror or error}; the dataset itself is {made[0]}"
            ) from error


def _copy(source: Path, target: Path) -> Path:
    if _is_same(source, target):
        return target
    if target.exists():
        raise StorageError(
            f"{target} is there already, with other content; remove it, or give --output-dir another folder. The "
            f"dataset itself is {source}"
        )
    unfinished = target.with_name(f".{target.name}{_UNFINISHED}")
    try:
        if source.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(source, unfinished, ignore=shutil.ignore_patterns(_CACHES))
        else:
            shutil.copyfile(source, unfinished)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.unlink(missing_ok=True)
    return target


def _is_same(one: Path, other: Path) -> bool:
    if one.is_file() or other.is_file():
        return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)
    if not other.is_dir():
        return False
    names = {path.name for folder in (one, other) for path in folder.iterdir() if not path.match(_CACHES)}
    return all(_is_same(one / name, other / name) for name in names)
