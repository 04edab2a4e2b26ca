"""What ``make`` shows while pip installs: one line at a time, and everything if it fails."""

import subprocess
import sys

from persona_assets_tests.packaging import CHECKOUT

SCRIPT = CHECKOUT / "scripts" / "install_packages.py"


def install(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_a_failure_shows_what_pip_said_and_has_its_exit_code() -> None:
    done = install("--dry-run", "--no-index", "there-is-no-such-package")
    assert done.returncode == 1
    assert "No matching distribution found for there-is-no-such-package" in done.stdout


def test_packages_that_are_there_are_not_listed() -> None:
    done = install("--dry-run", "--no-index", "click", "rich")
    assert done.returncode == 0
    assert "Requirement already satisfied" not in done.stdout
    assert done.stdout.endswith("packages are there\n")
