"""Every dataset, as a folder and as Parquet, is what users read with older versions of ``datasets``, too.

``.ci/run`` makes an environment with an older version and names its Python.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from persona_assets_tests.plain_reading import plain_datasets
from persona_assets_tests.raw_corpus import KEYS

VARIABLE = "PYTHON_WITH_OLDER_DATASETS"
PROGRAM = Path(__file__).with_name("read_with_datasets.py")


@pytest.mark.parametrize("older", [True, False], ids=["older", "installed"])
def test_every_way_of_reading_gives_the_rows_of_the_raw_files(
    older: bool, materialised_workspace: Path, tmp_path: Path
) -> None:
    python = os.environ.get(VARIABLE) if older else sys.executable
    if not python:
        pytest.skip(f"{VARIABLE} is not set; .ci/run sets it")
    data = materialised_workspace / "datasets" / "processed" / "persona"
    done = subprocess.run(
        [python, PROGRAM, data, tmp_path / "cache"],
        env={**os.environ, "HF_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (int(found["version"].split(".")[0]) < 4) == older
    expected = {
        name: rows
        for key in KEYS
        for name, rows in plain_datasets(materialised_workspace / "persona-data", key).items()
        if rows
    }
    assert found["datasets"].keys() == expected.keys()
    for name, ways in found["datasets"].items():
        assert ways.pop("mapped") == ["assistant"] * len(expected[name])
        assert all(rows == expected[name] for rows in ways.values()), name
