"""What a killed process left is removed by the next run of anything, and nothing else is, whatever it is called."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import files_below, open_instance, run_job, run_range
from persona_assets_tests.raw_corpus import GEMMA, LLAMA, responses_file, write_persona

pytestmark = pytest.mark.campaign

PIRATE = f"{GEMMA}__role__pirate"
PERSONAS_LIKE_FILES = ("a", "a.partial", "a.json", "a.png", "a.jsonl", "a.1-0123abcd.partial")
OF_USERS = (
    "notes.partial",
    "persona_manifests/.mine.partial",
    "persona_token_plots/.mine.png.partial",
    f"datasets/processed/persona/{PIRATE}.partial",
    f"datasets/processed/persona/.{PIRATE}.partial",
    "datasets/processed/persona/.my own.1-0123abcd.partial",
    ".my own.1-0123abcd.partial",
    "persona_comparison_plots/personas/my own.png",
    "persona_journals/notes.json",
)
OF_KILLED_PROCESSES = (
    ".persona_catalogue.json.1-0123abcd.partial",
    ".persona_token_stats.parquet.1-0123abcd.earlier",
    "persona_comparison_plots/overviews/.gemma-2-27b__role.png.1-0123abcd.partial",
    "persona_comparison_plots/shared_axes/.x.png.1-0123abcd.partial",
    f"persona_manifests/.{PIRATE}.json.1-0123abcd.partial",
    f"persona_standings/.{PIRATE}.json.1-0123abcd.earlier",
    f"persona_journals/.{PIRATE}.json.1-0123abcd.partial",
    f"datasets/processed/persona/.{PIRATE}__min3.1-0123abcd.partial",
    f"datasets/processed/persona/.{PIRATE}.1-0123abcd.copy",
)


@pytest.fixture
def instance(workspace: Path) -> Iterator[dg.DagsterInstance]:
    raw = workspace / "persona-data"
    write_persona(raw, PIRATE)
    for persona in PERSONAS_LIKE_FILES:
        shutil.copy(responses_file(raw, PIRATE), responses_file(raw, f"{GEMMA}__role__{persona}"))
    with open_instance(workspace) as instance:
        yield instance


def test_a_persona_that_is_called_like_a_leftover_keeps_its_outputs(
    workspace: Path, instance: dg.DagsterInstance
) -> None:
    keys = sorted(instance.get_dynamic_partitions("persona_datasets"))
    assert keys == sorted(f"{GEMMA}__role__{persona}" for persona in (*PERSONAS_LIKE_FILES, "pirate"))
    assert run_range(instance, workspace, (keys[0], keys[-1])).success
    before = files_below(workspace)
    assert run_range(instance, workspace, (PIRATE, PIRATE), redo=True).success
    assert files_below(workspace) == before
    for key in keys:
        assert (workspace / "datasets" / "processed" / "persona" / key / "dataset_dict.json").exists()


def plant(workspace: Path, paths: tuple[str, ...]) -> None:
    for place, path in enumerate(paths):
        target = workspace / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if place % 2 and target.suffix not in (".png", ".json"):
            (target / "train").mkdir(parents=True)
            (target / "train" / "data").write_text("mine")
        else:
            target.write_text("mine")


def test_files_of_users_are_left_alone_whatever_they_are_called(
    workspace: Path, instance: dg.DagsterInstance
) -> None:
    plant(workspace, OF_USERS)
    assert run_range(instance, workspace, (PIRATE, PIRATE)).success
    assert run_job(instance, workspace, "refresh_catalogue").success
    assert [path for path in OF_USERS if not (workspace / path).exists()] == []


def test_a_picture_of_a_user_survives_those_that_are_no_longer_wanted(
    workspace: Path, instance: dg.DagsterInstance
) -> None:
    write_persona(workspace / "persona-data", f"{LLAMA}__role__pirate")
    assert run_job(instance, workspace, "register_raw_files").success
    for key in (PIRATE, f"{LLAMA}__role__pirate"):
        assert run_range(instance, workspace, (key, key)).success
    assert run_job(instance, workspace, "refresh_catalogue").success
    drawn = workspace / "persona_comparison_plots" / "personas" / "role__pirate.png"
    own = drawn.with_name("role__favourite.png")
    shutil.copy(workspace / "persona_token_plots" / f"{PIRATE}.png", own)
    (workspace / "persona_token_stats" / f"{LLAMA}__role__pirate.json").unlink()
    assert run_job(instance, workspace, "refresh_catalogue").success
    assert not drawn.exists()
    assert own.exists()


@pytest.mark.parametrize("job", ["register_raw_files", "refresh_catalogue"])
def test_whatever_runs_next_removes_what_killed_processes_left(
    job: str, workspace: Path, instance: dg.DagsterInstance
) -> None:
    assert run_range(instance, workspace, (PIRATE, PIRATE)).success
    plant(workspace, OF_KILLED_PROCESSES)
    assert run_job(instance, workspace, job).success
    assert [path for path in OF_KILLED_PROCESSES if os.path.lexists(workspace / path)] == []
    assert verify(Workspace.of(Settings(workspace=workspace)), workers=1).damages == ()


def test_a_damaged_journal_costs_its_own_key_and_says_how_to_go_on(
    workspace: Path, instance: dg.DagsterInstance
) -> None:
    keys = sorted(instance.get_dynamic_partitions("persona_datasets"))
    assert run_range(instance, workspace, (keys[0], keys[-1])).success
    outside = workspace.parent / "precious"
    outside.write_text("precious")
    step = {"target": "../precious", "action": "remove", "existed": True, "inode": 0, "destination": None}
    contents = ("no json", "[]", "{}", json.dumps({"token": "1-0123abcd", "steps": [step]}))
    journals = {key: workspace / "persona_journals" / f"{key}.json" for key in keys[: len(contents) + 1]}
    pipe, *damaged = journals.values()
    os.mkfifo(pipe)
    for journal, content in zip(damaged, contents, strict=True):
        journal.write_text(content)
    for redo in (True, False):
        run = run_range(instance, workspace, (keys[0], keys[-1]), redo=redo)
        assert not run.success
        assert {key for key, state in states(instance).items() if state == "FAILED"} == journals.keys()
        assert states(instance).keys() == set(keys)
    assert outside.read_text() == "precious"
    for journal in journals.values():
        journal.unlink()
    assert run_range(instance, workspace, (keys[0], keys[-1]), redo=True).success


def states(instance: dg.DagsterInstance) -> dict[str, str]:
    keys = instance.get_dynamic_partitions("persona_datasets")
    definition = dg.DynamicPartitionsDefinition(name="persona_datasets")
    found = instance.get_status_by_partition(dg.AssetKey("raw_conversations"), keys, definition) or {}
    return {key: state.name for key, state in found.items() if state}
