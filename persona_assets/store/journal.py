"""The journal of a replacement: what the next run needs to restore every earlier version.

It is written once all new versions are on disk and before the first moves into place. It is removed once all are in
place. A process killed in between leaves its journal behind. ``recover`` then undoes what that process had begun, so
that the outputs match their manifest again.
"""

import os
from pathlib import Path

import msgspec

from persona_assets.errors import InconsistentOutputError, StorageError
from persona_assets.regular_files import read_regular
from persona_assets.store.hidden_names import PARTIAL, build_hidden_path, is_token
from persona_assets.store.moving import flush
from persona_assets.store.steps import Action, Step

MOST_BYTES = 2**24
"""Far more than the journal for all pictures of 10,000 keys takes."""


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. Paths are relative to the folder above the journals, so that a workspace can be moved."""

    target: str
    action: Action
    existed: bool
    inode: int
    destination: str | None = None


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str
    steps: list[_Entry]


def write_journal(path: Path, steps: list[Step]) -> None:
    """Write the complete journal, or nothing."""
    root, token = path.parent.parent, steps[0].token
    entries = [
        _Entry(
            str(step.target.relative_to(root)),
            step.action,
            step.existed,
            step.inode,
            str(step.destination.relative_to(root)) if step.destination else None,
        )
        for step in steps
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = build_hidden_path(path, token, PARTIAL)
    try:
        staged.write_bytes(msgspec.json.encode(_Record(token, entries)))
        flush(staged)
        staged.replace(path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    flush(path.parent)


def remove_journal(path: Path) -> None:
    """Remove the journal, once all targets are replaced or restored. Only then may earlier versions be removed."""
    if path.exists():
        path.unlink()
        flush(path.parent)


def recover(path: Path) -> bool:
    """Restore the earlier version of every target in the journal at ``path``. Returns whether there was a journal.

    The caller must hold the lock of these outputs.

    Raises:
        InconsistentOutputError: the journal is damaged.
        StorageError: a target cannot be restored. The journal stays for the next attempt.
    """
    steps = _read(path)
    if steps is None:
        return False
    for step in reversed(steps):
        try:
            step.give_back()
            step.discard()
        except OSError as error:
            raise StorageError(
                f"the earlier version of {step.target}, which a killed process had begun to replace, cannot be "
                f"restored: {error.strerror or error}; correct that and run again"
            ) from error
    remove_journal(path)
    return True


def _read(path: Path) -> list[Step] | None:
    try:
        content = read_regular(path, MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InconsistentOutputError(f"{path} cannot be read: {error.strerror}; {_ADVICE}") from error
    try:
        record = msgspec.json.decode(content, type=_Record)
    except msgspec.MsgspecError as error:
        raise InconsistentOutputError(f"{path} is not a journal: {error}; {_ADVICE}") from error
    root = path.parent.parent
    if not is_token(record.token) or not all(_stays_inside(root, entry) for entry in record.steps):
        raise InconsistentOutputError(f"{path} contains paths outside {root}; {_ADVICE}")
    return [
        Step(
            root / entry.target,
            record.token,
            entry.action,
            root / entry.destination if entry.destination else None,
            entry.existed,
            entry.inode,
        )
        for entry in record.steps
    ]


_ADVICE = "remove it, then make the outputs that it is named after again with --redo"


def _stays_inside(root: Path, entry: _Entry) -> bool:
    paths = [root / text for text in (entry.target, entry.destination) if text]
    return all(Path(os.path.normpath(path)) == path and path != root and path.is_relative_to(root) for path in paths)
