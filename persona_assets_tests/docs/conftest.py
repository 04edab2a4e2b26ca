"""The workspace that the examples of the papers read: the demo's, made once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from persona_assets_tests.docs import ROOT
from persona_assets_tests.docs.read_only import copy_to_share


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace called ``workspace``, as the examples name it."""
    workspace = tmp_path_factory.mktemp("demo") / "workspace"
    environment = {**os.environ, "PERSONA_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT)}
    program = "from persona_assets.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "demo"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return workspace


@pytest.fixture(scope="session")
def share(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it that cannot be written, without the raw root; called ``workspace`` too."""
    return copy_to_share(demo_workspace, tmp_path_factory.mktemp("share") / "workspace")
