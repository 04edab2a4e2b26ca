"""A workspace worked on by real commands, then served: for tests that only look, or look before they change."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from persona_assets_tests.ui.servers import running_ui

PROGRAM = str(Path(sys.executable).parent / "persona-assets")


@dataclass(frozen=True)
class Done:
    """What a command said, and how long it took."""

    returncode: int
    output: str
    seconds: float


@dataclass(frozen=True)
class Served:
    """A workspace with the addresses of its UI and its report."""

    workspace: Path
    address: str
    report: str


def run_command(workspace: Path, *arguments: str) -> Done:
    environment = {**os.environ, "PERSONA_WORKSPACE": str(workspace), "COLUMNS": "200"}
    begun = time.monotonic()
    done = subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=False)
    return Done(done.returncode, f"{done.stdout}{done.stderr}", time.monotonic() - begun)


def generate(workspace: Path) -> Done:
    return run_command(workspace, "generate", "--workers", "2")


@contextmanager
def serve(workspace: Path) -> Iterator[Served]:
    """``persona-assets dev`` over ``workspace``."""
    log = workspace.parent / "ui.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSONA_WORKSPACE", str(workspace))
        with running_ui(log) as address:
            yield Served(workspace, address, _read_address(log, "report"))


def _read_address(log: Path, name: str) -> str:
    lines = (line.split() for line in log.read_text(encoding="utf-8").splitlines())
    return next(words[1] for words in lines if words and words[0] == name)
