"""Which code made an output. The build runs this file, so it imports the standard library alone."""

import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path

STAMP = Path(__file__).with_name("commit.txt")
"""Written into wheels and sdists as they are built (hatch_build.py); a checkout has none."""


@cache
def git_sha() -> str | None:
    """The commit of this package's checkout, with ``-dirty`` if files differ from it; else the one it was built from.

    None where neither is known. A virtual environment inside another project's checkout does not make that
    project's commit ours.
    """
    return _commit_of_checkout() or _stamped_commit()


def package_version() -> str:
    return version("persona_assets")


def _commit_of_checkout() -> str | None:
    here = Path(__file__)
    try:
        _git("ls-files", "--error-unmatch", here.name, folder=here.parent)
        return _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*", folder=here.parent)
    except (OSError, subprocess.CalledProcessError):
        return None


def _stamped_commit() -> str | None:
    try:
        return STAMP.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def _git(*arguments: str, folder: Path) -> str:
    command = ["git", *arguments]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return answer.stdout.strip()
