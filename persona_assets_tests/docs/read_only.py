"""A workspace as a reader has it: a copy on a share that cannot be written, without the raw root and Dagster."""

import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path

LEFT_BEHIND = ("persona-data", "dagster_home", "persona_locks", "persona_journals")
WRITING = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH

_REMOUNT = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$2" && shift 2 && exec "$@"'


def copy_to_share(workspace: Path, target: Path) -> Path:
    """A copy that nobody may write, with nothing in it that reading does not need."""
    shutil.copytree(workspace, target, ignore=shutil.ignore_patterns(*LEFT_BEHIND), copy_function=shutil.copy2)
    for path in (target, *target.rglob("*")):
        path.chmod(path.stat().st_mode & ~WRITING)
    return target


def describe_tree(root: Path) -> dict[str, tuple[object, ...]]:
    """Every entry below ``root`` with its kind and mode, size, time of modification, and the hash of its content."""
    return {str(path.relative_to(root)): _describe(path) for path in (root, *sorted(root.rglob("*")))}


def _describe(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    return status.st_mode, status.st_size, status.st_mtime_ns, status.st_ino, content


def run_on_mount(share: Path, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command beside ``share``, which is mounted so that not even root can write it, for this command alone."""
    mounted = ["unshare", "--mount", "--map-root-user", "sh", "-c", _REMOUNT, "sh", str(share), str(share.parent)]
    return subprocess.run(
        [*mounted, *command], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def why_not_mounted(share: Path) -> str | None:
    """Why this machine cannot mount a folder read-only for one command; None if it can."""
    if not shutil.which("unshare"):
        return "unshare is not installed"
    done = run_on_mount(share, ["sh", "-c", f"! touch '{share}/written' 2>/dev/null"], {})
    return None if done.returncode == 0 else f"a read-only mount is not allowed here: {done.stderr.strip()}"
