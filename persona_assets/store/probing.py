"""Trying on a file system what the store will ask of it."""

from pathlib import Path
from uuid import uuid4

from persona_assets.errors import StorageError
from persona_assets.store.moving import discard
from persona_assets.store.replacement import replacing


def try_replacing(folder: Path) -> None:
    """Make, replace and remove a file and a folder below ``folder``, as outputs are, and leave nothing there.

    Raises:
        StorageError: the file system below ``folder`` does not let that be done.
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
        raise StorageError(f"{probe} held {found} after it was replaced")
