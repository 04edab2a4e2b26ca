"""Every benchmark still imports: no test runs them, and a name they use may have moved."""

import runpy
import sys
from pathlib import Path

import pytest

from persona_assets_tests.packaging import CHECKOUT

BENCHMARKS = sorted(CHECKOUT.joinpath("benchmarks").glob("*.py"))


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda path: path.stem)
def test_a_benchmark_finds_what_it_imports(benchmark: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(benchmark.parent), str(CHECKOUT), *sys.path])
    runpy.run_path(str(benchmark), run_name="not_run")


def test_there_are_benchmarks() -> None:
    assert len(BENCHMARKS) > 10
