"""Running a program in an environment with the consumers, and reading what it found."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import persona_assets_tests

CURRENT = "PYTHON_WITH_CONSUMERS"
OLDER = "PYTHON_WITH_OLDER_CONSUMERS"
_ROOT = Path(persona_assets_tests.__file__).parents[1]


def run_program(name: str, variable: str, result: Path, *arguments: object) -> Any:
    """What a program of ``programs`` writes to ``result``, with the Python that ``variable`` names."""
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} is not set; make consumers sets it")
    # The program's folder of caches is its own: what a library keeps there must not answer for what it reads.
    own = {"PYTHONPATH": str(_ROOT), "HF_HOME": str(result.with_suffix(".caches")), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [python, "-m", f"persona_assets_tests.consumers.programs.{name}", result, *map(str, arguments)],
        env={**os.environ, **own, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return json.loads(result.read_text(encoding="utf-8"))
