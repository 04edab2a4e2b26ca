"""Turning errors of Dagster's storage (its databases, and the files beside them) into messages."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from persona_assets.errors import PersonaAssetsError, StorageError

_ADVICE = {
    "full": "free space on that disk",
    "no space": "free space on that disk",
    "quota": "free space, or raise the quota",
    "file too large": "raise the limit on file sizes",
    "readonly": "make it writable, or set DAGSTER_HOME to a folder that is",
    "read-only": "make it writable, or set DAGSTER_HOME to a folder that is",
    "permission": "make it writable, or set DAGSTER_HOME to a folder that is",
    "unable to open": "make it writable, or set DAGSTER_HOME to a folder that is",
    "no such": "put the folder back, or set DAGSTER_HOME to another",
    "disk i/o error": "free space on that disk if it is full, otherwise check the disk",
    "locked": "end the process that holds it",
    "malformed": "move it away; Dagster creates a new one, and the outputs do not change",
    "not a database": "move it away; Dagster creates a new one, and the outputs do not change",
}
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO)
_OTHER_ADVICE = "check the disk and the database"


@contextmanager
def translating_storage_errors(home: Path | str) -> Iterator[None]:
    """Turn failures of Dagster's storage in ``home`` during the block into one message.

    All other exceptions pass unchanged.

    Raises:
        StorageError: the storage failed, however deeply that is nested in Dagster's own errors.
    """
    try:
        yield
    except PersonaAssetsError:
        raise
    except Exception as error:
        cause = _find_cause_in_storage(error, Path(home))
        if cause is None:
            raise
        raise StorageError(_describe(home, cause)) from error


def _find_cause_in_storage(error: BaseException | None, home: Path) -> BaseException | None:
    while error is not None and not _is_of_storage(error, home):
        error = error.__cause__ or error.__context__
    return error


def _is_of_storage(error: BaseException, home: Path) -> bool:
    if isinstance(error, OSError):
        if error.filename is None:  # on an open file: only disk errors are likely to come from the storage
            return error.errno in _DISK_ERRORS
        return os.fsdecode(error.filename).startswith(str(home))
    return isinstance(error, SQLAlchemyError | sqlite3.Error | CommandError)


def _describe(home: Path | str, cause: BaseException) -> str:
    text = str(getattr(cause, "orig", None) or getattr(cause, "strerror", None) or cause)
    if isinstance(cause, OSError) and cause.filename:
        text = f"{text}: {cause.filename}"
    if not Path(home).is_dir():
        return f"Dagster's home {home} is gone ({text}); put it back, or run the command again to create a new one"
    advice = next((advice for sign, advice in _ADVICE.items() if sign in text.lower()), _OTHER_ADVICE)
    return f"Dagster's records in {home} cannot be read or written ({text}); {advice}, and run the command again"
