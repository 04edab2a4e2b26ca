"""Moving, keeping, flushing and removing files and folders on whatever file system the workspace is."""

import errno
import os
import shutil
from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)
"""What file systems without hard links answer, and those where a file has all the links it may have."""
_IN_USE = (errno.ENOTEMPTY, errno.EBUSY)
_CANNOT_FLUSH_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def is_real_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def keep_as(target: Path, earlier: Path) -> None:
    """Give the file ``target`` a second name: by a link where there are links, else by a copy."""
    try:
        os.link(target, earlier, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _copy(target, earlier)
        flush(earlier)


def move(source: Path, destination: Path, copying: Path) -> None:
    """Rename ``source``. What cannot be renamed there (a folder of a lower layer of an overlay, anything to another
    file system) is copied to ``copying``, beside ``destination``, first: that never stands for half a folder, but
    ``source`` may, while it is being removed.
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
    """Remove a file, or a folder with all it holds, or nothing where there is nothing."""
    if is_real_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def discard_unless_in_use(path: Path) -> bool:
    """``discard``, where a reader may still have a file of it open: NFS and FUSE then keep that file, and its folder,
    until it is closed. Says whether all of it is gone; what is not is a leftover, for the next run to remove.
    """
    try:
        discard(path)
    except OSError as error:
        if error.errno not in _IN_USE:
            raise
        return False
    return True


def flush_all(path: Path) -> None:
    """Flush a file, or everything below a folder and the folder."""
    for entry in path.rglob("*") if is_real_folder(path) else ():
        flush(entry)
    flush(path)


def flush(path: Path) -> None:
    """Wait until the disk has it. A file system that cannot flush folders (CIFS) keeps their order itself."""
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
