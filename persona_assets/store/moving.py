"""Moving, keeping, flushing and removing files and folders on any file system."""

import errno
import os
import shutil
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)
"""Error codes of file systems that have no hard links, or on which the file has reached its limit of links."""
_IN_USE = (errno.ENOTEMPTY, errno.EBUSY)
_CANNOT_FLUSH_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def is_real_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def keep_as(target: Path, earlier: Path) -> None:
    """Give the file ``target`` a second name: by a hard link if possible, else by a copy."""
    try:
        os.link(target, earlier, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _copy(target, earlier)
        flush(earlier)


def move(source: Path, destination: Path, copying: Path) -> None:
    """Rename ``source``, or copy it where a rename fails: a folder from a lower layer of an overlay, or anything on
    another file system. The copy is made at ``copying``, beside ``destination``, and then renamed, so that
    ``destination`` is always complete. ``source`` may be incomplete while it is being removed.
    """
    try:
        source.rename(destination)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, copying)
        flush_all(copying)
        copying.rename(destination)
        discard(source)


def _copy(source: Path, destination: Path) -> None:
    if is_real_folder(source):
        shutil.copytree(source, destination, symlinks=True)
    else:
        shutil.copy2(source, destination, follow_symlinks=False)


def discard(path: Path) -> None:
    """Remove a file, or a folder and everything in it, if it exists."""
    if is_real_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def discard_unless_in_use(path: Path) -> bool:
    """Like ``discard``, but not an error if a reader still has a file open. NFS and FUSE then keep that file and its
    folder until it is closed. Returns whether everything is gone; the next run removes what remains.
    """
    try:
        discard(path)
    except OSError as error:
        if error.errno not in _IN_USE:
            raise
        return False
    return True


def flush_all(path: Path) -> None:
    """Flush a file, or a folder and everything below it."""
    for entry in path.rglob("*") if is_real_folder(path) else ():
        flush(entry)
    flush(path)


def flush(path: Path) -> None:
    """Wait until it is on the disk. File systems that cannot flush folders (CIFS) keep changes in order anyway."""
    if path.is_symlink():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH_FOLDERS or not path.is_dir():
            raise
    finally:
        os.close(handle)
