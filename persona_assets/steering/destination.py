"""The folder that an export is written to: a new one, or one that holds an earlier export and nothing else."""

from pathlib import Path

from persona_assets.errors import InconsistentOutputError, MissingInputError, Producer, StorageError
from persona_assets.steering.manifest import MANIFEST, ExportManifest
from persona_assets.store.content import Content, list_files
from persona_assets.store.records import read_record


def require_free(folder: Path) -> bool:
    """Raise unless an export may be written to ``folder``. Returns whether an earlier one is there.

    Raises:
        StorageError: it holds something that no export wrote, or that was changed since.
    """
    try:
        if not folder.exists():
            return False
        if not folder.is_dir():
            raise StorageError(f"{folder} is a file; give --output a folder").about(path=folder)
        if not any(folder.iterdir()):
            return False
        _require_untouched(folder)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be read: {error.strerror or error}; give --output another folder"
        ) from error
    return True


def _require_untouched(folder: Path) -> None:
    try:
        manifest = read_record(folder / MANIFEST, ExportManifest, Producer("export", folder))
    except (MissingInputError, InconsistentOutputError) as error:
        raise _not_ours(folder, f"is not empty, and no {MANIFEST} in it says that an export wrote it") from error
    listed = manifest.files
    for path in list_files(folder):
        name = path.relative_to(folder).as_posix()
        if name == MANIFEST:
            continue
        if name not in listed:
            raise _not_ours(folder, f"holds {name}, which no export wrote")
        if Content.of(path) != listed[name]:
            raise _not_ours(folder, f"holds {name}, which was changed since it was exported")


def _not_ours(folder: Path, problem: str) -> StorageError:
    return StorageError(f"{folder} {problem}; give --output another folder, or clear this one").about(path=folder)
