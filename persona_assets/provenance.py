"""Which code made an output."""

import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path


@cache
def git_sha() -> str | None:
    """The commit of this package's checkout; None when it is installed outside one."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def package_version() -> str:
    return version("persona_assets")
