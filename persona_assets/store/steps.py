"""Replacing one target: how the new version is moved into place, and how the earlier one is restored."""

import errno
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from persona_assets.errors import StorageError
from persona_assets.store.exchange import exchange
from persona_assets.store.hidden_names import COPY, EARLIER, PARTIAL, build_hidden_path
from persona_assets.store.moving import discard, discard_unless_in_use, flush_all, is_real_folder, keep_as, move


class Action(StrEnum):
    """What is done with a target."""

    FILE = "file"
    FOLDER = "folder"
    REMOVE = "remove"
    MOVE = "move"


@dataclass
class Step:
    """One target. A killed process may have stopped at any point; the files on disk show at which."""

    target: Path
    token: str
    action: Action
    destination: Path | None = None
    """Where to move the target, if it is to be moved."""
    existed: bool = False
    inode: int = 0
    """Of the new version. It shows whether two folders have already been swapped."""

    @property
    def staged(self) -> Path:
        """Where the new version is until it is moved into place, or where a removed target goes."""
        return self.destination or build_hidden_path(self.target, self.token, PARTIAL)

    @property
    def earlier(self) -> Path:
        return build_hidden_path(self.target, self.token, EARLIER)

    @property
    def copying(self) -> Path:
        return build_hidden_path(self.destination or self.target, self.token, COPY)

    @property
    def earlier_version(self) -> str:
        """Say where the earlier version is while it is not in its place."""
        kept = (path for path in (self.earlier, self.staged) if self.existed and os.path.lexists(path))
        return next((f"its earlier version is {path}" for path in kept), "there was none before")

    @property
    def brings_a_version(self) -> bool:
        return self.action in (Action.FILE, Action.FOLDER)

    def prepare(self) -> None:
        """Flush the new version, check what it replaces, and keep that file under a second name."""
        if self.brings_a_version:
            flush_all(self.staged)
            self.inode = self.staged.lstat().st_ino
        self.existed = os.path.lexists(self.target)
        if self.action is Action.FOLDER and self.existed and not self.target.is_dir():
            raise StorageError(f"{self.target} is a file, but must be a folder; move it away")
        if self.action is Action.FILE and self.existed:
            if self.target.is_dir() and not self.target.is_symlink():
                raise IsADirectoryError(f"{self.target} is a folder, but must be a file; move it away")
            keep_as(self.target, self.earlier)

    def take_place(self) -> None:
        """Move the new version into place: a file in one step, a folder in one step if two names can be swapped.
        Otherwise the folder is missing between two renames.
        """
        if not self.brings_a_version:
            move(self.target, self.staged, self.copying)
        elif self.action is Action.FILE or not self.existed:
            self.staged.replace(self.target)
        elif not exchange(self.staged, self.target):
            move(self.target, self.earlier, self.copying)
            self.staged.rename(self.target)

    def give_back(self) -> None:
        """Undo ``take_place``, however far it had come. It can be repeated if it is itself interrupted."""
        match self.action:
            case Action.FILE:
                self._give_back_file()
            case Action.FOLDER:
                self._give_back_folder()
            case _:
                self._give_back_removed()

    def discard(self) -> None:
        """Remove everything under hidden names: the earlier version, or a new one that is not needed."""
        for path in (self.copying, self.earlier):
            discard_unless_in_use(path)
        if self.action is not Action.MOVE:
            discard_unless_in_use(self.staged)

    def _give_back_file(self) -> None:
        if os.path.lexists(self.staged):
            return
        if os.path.lexists(self.earlier):
            self.earlier.replace(self.target)
        elif not self.existed and os.path.lexists(self.target):
            self.target.rename(self.staged)

    def _give_back_folder(self) -> None:
        new_is_staged = os.path.lexists(self.staged)
        if os.path.lexists(self.earlier):
            if new_is_staged:
                discard(self.target)  # the rest of a folder that was being removed after it was copied
            elif os.path.lexists(self.target):
                self.target.rename(self.staged)
            self.earlier.rename(self.target)
        elif new_is_staged and self.existed:
            if self.target.lstat().st_ino == self.inode and not exchange(self.staged, self.target):
                raise OSError(errno.ENOTSUP, "its file system swapped two names before, but refuses to do so now")
        elif not new_is_staged and not self.existed and os.path.lexists(self.target):
            self.target.rename(self.staged)

    def _give_back_removed(self) -> None:
        if not os.path.lexists(self.staged):
            return
        if is_real_folder(self.target):
            discard(self.target)  # the rest of a folder that was being removed after it was copied
        self.staged.rename(self.target)
