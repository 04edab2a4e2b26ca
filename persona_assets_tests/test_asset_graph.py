"""The asset graph is what ``asset_graph.json`` says. Renew that file, after reading the difference, with

python -m persona_assets_tests.test_asset_graph
"""

import difflib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from persona_assets.dagster_runtime.own_names import ASSET_KEYS, JOB_NAMES
from persona_assets.definitions import defs

SNAPSHOT = Path(__file__).with_name("asset_graph.json")
ROOT = Path(__file__).parents[1]
HEAVY = ("transformers", "datasets", "matplotlib", "torch", "pandas")


def test_the_asset_graph_is_the_one_on_record() -> None:
    recorded, current = SNAPSHOT.read_text(encoding="utf-8"), as_text(asset_graph())
    difference = difflib.unified_diff(
        recorded.splitlines(), current.splitlines(), "asset_graph.json", "persona_assets.definitions", lineterm=""
    )
    if recorded != current:
        pytest.fail(
            "the asset graph has changed; if that is meant, run 'python -m persona_assets_tests.test_asset_graph'\n"
            + "\n".join(difference),
            pytrace=False,
        )


@pytest.mark.parametrize("module", ["persona_assets.definitions", "persona_assets.cli.commands"])
def test_loading_the_definitions_or_the_commands_imports_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_names_by_which_runs_are_known_to_be_ours_are_those_of_the_graph() -> None:
    repository = defs.get_repository_def()
    assert repository.asset_graph.get_all_asset_keys() == ASSET_KEYS
    assert {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")} == JOB_NAMES


@pytest.mark.parametrize("arguments", [(), ("-w", "workspace.yaml")], ids=["pyproject.toml", "workspace.yaml"])
def test_dagster_finds_valid_definitions_through(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    program = Path(sys.executable).parent / "dagster"
    done = subprocess.run(
        [program, "definitions", "validate", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Validation successful for code location persona_assets.definitions" in done.stdout + done.stderr


def asset_graph() -> dict[str, Any]:
    """Everything of the graph that users see or depend on, as plain JSON."""
    repository = defs.get_repository_def()
    graph = repository.asset_graph
    assets = {key.to_user_string(): _asset(graph.get(key)) for key in graph.get_all_asset_keys()}
    checks = sorted(str(key) for key in graph.asset_check_keys)
    jobs = {
        job.name: sorted(key.to_user_string() for key in job.asset_layer.selected_asset_keys)
        for job in repository.get_all_jobs()
        if not job.name.startswith("__")
    }
    return {
        "assets": dict(sorted(assets.items())),
        "checks": checks,
        "jobs": dict(sorted(jobs.items())),
        "schedules": sorted(schedule.name for schedule in repository.schedule_defs),
        "sensors": sorted(sensor.name for sensor in repository.sensor_defs),
    }


def _asset(node: Any) -> dict[str, Any]:
    policy = node.backfill_policy
    return {
        "deps": sorted(key.to_user_string() for key in node.parent_keys),
        "group": node.group_name,
        "kinds": sorted(node.kinds),
        "partitions": _partitions(node.partitions_def),
        "backfill": policy and policy.policy_type.name,
    }


def _partitions(definition: Any) -> str | None:
    return f"{type(definition).__name__} {definition.name}" if definition else None


def as_text(graph: dict[str, Any]) -> str:
    return json.dumps(graph, indent=2) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(as_text(asset_graph()), encoding="utf-8")
