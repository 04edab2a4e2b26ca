"""The stamps of the files that a key is made of, so that the next run need not read them to know them."""

import msgspec

from persona_assets.errors import ALL_ASSETS, InconsistentOutputError, MissingInputError, Producer
from persona_assets.stage.spec import PartitionKey
from persona_assets.store.file_stamps import FileStamp, SeenFiles
from persona_assets.store.records import read_record, write_record
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace


class FileStamps(msgspec.Struct, frozen=True):
    """The stamps of raw files, outputs and tokenizer files at a time when their content was established."""

    files: dict[str, FileStamp] = {}
    """By path."""


def read_file_stamps(workspace: Workspace, key: PartitionKey) -> FileStamps:
    """What is known of ``key``. Nothing, if that is not there or cannot be read: then all files are read."""
    try:
        return read_record(workspace.file_stamps(key), FileStamps, Producer(ALL_ASSETS, key))
    except (MissingInputError, InconsistentOutputError):
        return FileStamps()


def renew_file_stamps(workspace: Workspace, key: PartitionKey, files: SeenFiles) -> None:
    """Record what is established of ``files`` and can be relied on.

    Raises:
        StorageError: it cannot be written.
    """
    with new_file(workspace.file_stamps(key)) as staged:
        staged.touch()
        write_record(staged, FileStamps(files.trustworthy(staged.stat().st_ctime_ns)))
