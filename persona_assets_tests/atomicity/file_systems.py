"""Real file systems that cannot do all that a local disk can, mounted for a test."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    except FileNotFoundError:
        pytest.skip(f"{command[0]} is not installed")
    if done.returncode:
        pytest.skip(f"{' '.join(command[:3])} is not allowed here: {done.stderr.strip()}")


def _unmount(folder: Path) -> None:
    for _ in range(50):
        if subprocess.run(["umount", str(folder)], capture_output=True, check=False, timeout=20).returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError(f"{folder} cannot be unmounted")


@contextmanager
def fuse(folder: Path) -> Iterator[Path]:
    """A FUSE file system, which refuses to exchange two names."""
    below, above = folder / "below fuse", folder / "fuse"
    below.mkdir()
    above.mkdir()
    _mount("bindfs", str(below), str(above))
    try:
        yield above
    finally:
        _unmount(above)


@contextmanager
def overlay(folder: Path, lower: Path) -> Iterator[Path]:
    """A layer to write to above ``lower``, as a container has above its image."""
    upper, work, above = (folder / name for name in ("upper", "work", "overlay"))
    for made in (upper, work, above):
        made.mkdir()
    _mount("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}", str(above))
    try:
        yield above
    finally:
        _unmount(above)


@contextmanager
def read_only(folder: Path, below: Path) -> Iterator[Path]:
    """``below`` seen through a mount that refuses every write."""
    above = folder / "read only"
    above.mkdir()
    _mount("mount", "-o", "bind,ro", str(below), str(above))
    try:
        yield above
    finally:
        _unmount(above)


def copy_of(workspace: Path, folder: Path) -> Path:
    shutil.copytree(workspace, folder, symlinks=True)
    return folder
