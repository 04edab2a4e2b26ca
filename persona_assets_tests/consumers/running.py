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
    # What a library keeps in its caches must not answer for what it reads. One thread is enough for tiny models, and
    # leaves the processors to the other tests.
    caches = {"HF_HOME": str(result.with_suffix(".caches")), "HF_HUB_OFFLINE": "1"}
    alone = {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", **caches}
    done = subprocess.run(
        [python, "-m", f"persona_assets_tests.consumers.programs.{name}", result, *map(str, arguments)],
        env={**os.environ, **alone},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    return json.loads(result.read_text(encoding="utf-8"))
