"""Testing whether a file system supports what the store needs."""

from pathlib import Path
from uuid import uuid4

from persona_assets.errors import StorageError
from persona_assets.store.moving import discard
from persona_assets.store.replacement import replacing


def try_replacing(folder: Path) -> None:
    """Make, replace and remove a file and a folder below ``folder``, as is done with outputs. Leaves nothing behind.

    Raises:
        StorageError: the file system of ``folder`` does not support this.
    """
    probe = folder / f"probe_{uuid4().hex}"
    try:
        for version in ("one", "other"):
            with replacing(probe / "journals" / "probe.json") as replacement:
                replacement.file(probe / "file").write_text(version)
                made = replacement.folder(probe / "folder")
                made.mkdir()
                (made / "file").write_text(version)
        found = [path.read_text() for path in (probe / "file", probe / "folder" / "file")]
        discard(probe)
    except OSError as error:
        raise StorageError(f"{probe} cannot be used: {error.strerror or error}") from error
    if found != ["other", "other"]:
        raise StorageError(f"{probe} contained {found} after it was replaced")
