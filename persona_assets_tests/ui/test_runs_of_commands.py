"""Runs of the command line are on the pages Home and Jobs as those are that the UI launched."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from persona_assets_tests.broken_files import break_files
from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.ui.graphql import ask
from persona_assets_tests.ui.servers import running_ui

pytestmark = pytest.mark.campaign

PROGRAM = str(Path(sys.executable).parent / "persona-assets")
BROKEN = KEYS[::4]
LOCATION = {"repositoryName": "__repository__", "repositoryLocationName": "persona_assets.definitions"}
# What the pages ask, without what they only draw with.
JOBS_PAGE = """query ($location: RepositorySelector!) { repositoryOrError(repositorySelector: $location) {
    ... on Repository { jobs { name runs(limit: 10) { status } } } } }"""
TIMELINE = """query ($filter: RunsFilter!) { runsOrError(filter: $filter, limit: 100) {
    ... on Runs { results { jobName status repositoryOrigin { repositoryName repositoryLocationName } } } } }"""


@pytest.fixture
def address(workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A UI after commands: two keys a run, and three runs with a key that failed."""
    monkeypatch.setenv("PERSONA_KEYS_PER_RUN", "2")
    break_files(workspace_with_corpus, BROKEN)
    assert command("generate", "--workers", "1").returncode == 1
    create = command("create", "--type", "trait", "--model", "qwen-3-32b", "--name", "stoic", "--min-score", "50")
    assert create.returncode == 0, create.stderr
    with running_ui(tmp_path / "ui.log") as address:
        yield address


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)


def test_runs_of_commands_are_listed_with_their_job_and_how_they_ended(address: str) -> None:
    runs = count_runs(ask(address, JOBS_PAGE, location=LOCATION)["repositoryOrError"]["jobs"])
    assert runs["materialise_personas"] == {"FAILURE": len(BROKEN), "SUCCESS": 7 - len(BROKEN)}
    assert runs["refresh_catalogue"]["SUCCESS"] >= 2
    results = ask(address, TIMELINE, filter={"statuses": ["FAILURE", "SUCCESS"]})["runsOrError"]["results"]
    failed = [run["jobName"] for run in results if run["status"] == "FAILURE"]
    assert failed == ["materialise_personas"] * len(BROKEN)
    assert all(run["repositoryOrigin"] == LOCATION for run in results)
    ours = {"key": ".dagster/repository", "value": "__repository__@persona_assets.definitions"}
    of_location = ask(address, TIMELINE, filter={"statuses": ["FAILURE", "SUCCESS"], "tags": [ours]})
    assert len(of_location["runsOrError"]["results"]) == len(results)


def count_runs(jobs: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """By job, how many runs ended how."""
    ended = {job["name"]: [run["status"] for run in job["runs"]] for job in jobs}
    return {name: {status: statuses.count(status) for status in statuses} for name, statuses in ended.items()}
