"""Runs and the catalogue of a running UI: listed, launched, waited for."""

import time
from typing import Any

from persona_assets_tests.ui.graphql import ask

PATIENCE_SECONDS = 120.0
CATALOGUE = """{ assetOrError(assetKey: {path: ["persona_catalogue"]}) { ... on Asset {
    assetMaterializations(limit: 1) { timestamp metadataEntries { label
        ... on TextMetadataEntry { text } ... on TableMetadataEntry { table { records } } } } } } }"""
RUNS = """{ runsOrError(limit: 30) { ... on Runs { results { runId jobName status startTime endTime } } } }"""
LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
    __typename ... on PythonError { message } } }"""
PLACE = {"repositoryName": "__repository__", "repositoryLocationName": "persona_assets.definitions"}


def list_runs(address: str, job: str) -> list[dict[str, Any]]:
    """The runs of a job, the newest first."""
    runs: list[dict[str, Any]] = ask(address, RUNS)["runsOrError"]["results"]
    return [run for run in runs if run["jobName"] == job]


def launch_key(address: str, job: str, key: str) -> None:
    """Launch a job for one partition, as a click on it does."""
    tags = [{"key": "dagster/partition", "value": key}]
    params = {
        "selector": {**PLACE, "jobName": job},
        "mode": "default",
        "runConfigData": "{}",
        "executionMetadata": {"tags": tags},
    }
    launched = ask(address, LAUNCH, params=params)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched


def wait_for_run(address: str, job: str, begun: float) -> dict[str, Any]:
    """The run of a job that was launched after ``begun``, once it has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        ended = [run for run in list_runs(address, job) if (run["startTime"] or 0) > begun and run["endTime"]]
        if ended:
            return ended[0]
        assert time.monotonic() < deadline, "no run has ended"
        time.sleep(0.5)


def read_catalogue(address: str) -> dict[str, Any]:
    """What the page of the catalogue says, by the name of the entry, and when it was made, in seconds."""
    (latest,) = ask(address, CATALOGUE)["assetOrError"]["assetMaterializations"]
    entries = {entry["label"]: entry for entry in latest["metadataEntries"]}
    return entries | {"made": float(latest["timestamp"]) / 1000}


def wait_for_catalogue(address: str, later_than: float) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (catalogue := read_catalogue(address))["made"] <= later_than:
        assert time.monotonic() < deadline, "the catalogue did not follow"
        time.sleep(1)
    return catalogue
