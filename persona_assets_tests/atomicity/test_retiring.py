"""Retiring and restoring a key are one step each: killed at any rename, they are undone by the next run."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from persona_assets.collection.leftovers import clean_up
from persona_assets.collection.retirement import retire
from persona_assets.collection.trash import restore
from persona_assets.keys import DatasetKey
from persona_assets.workspace import Workspace
from persona_assets_tests.atomicity import KEY, ONE, hashes, hidden_entries, make_version, settings_of
from persona_assets_tests.atomicity.killing import PATIENCE_SECONDS, dying_at, running
from persona_assets_tests.raw_corpus import responses_file

pytestmark = pytest.mark.campaign

MOST_RENAMES = 100
AWAY = ("persona_trash/", "persona_retired.jsonl")
Outputs = dict[str, str]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With the outputs of one key, whose raw file is gone."""
    settings = settings_of(tmp_path / "workspace")
    make_version(ONE, settings)
    responses_file(settings.raw_root, KEY).unlink()
    return Workspace.of(settings)


def retire_key(workspace: Workspace, key: DatasetKey) -> object:
    return retire(settings_of(workspace.root), key)


def outputs(workspace: Workspace) -> Outputs:
    return {path: of for path, of in hashes(workspace.root).items() if not path.startswith(AWAY)}


def work_and_die(_: Connection, work: Callable[[Workspace, DatasetKey], Any], workspace: Workspace, at: int) -> None:
    with dying_at(at, "rename", "replace"):
        work(workspace, DatasetKey.parse(KEY))


def kill_everywhere(work: Callable[[Workspace, DatasetKey], Any], workspace: Workspace) -> Iterator[None]:
    """Yields after each kill and clean-up, until the work came to its end."""
    for at in range(MOST_RENAMES):
        with running(work_and_die, work, workspace, at) as (process, _):
            process.join(PATIENCE_SECONDS)
        if process.exitcode == 0:
            return
        assert process.exitcode == -signal.SIGKILL
        assert clean_up(workspace).problems == []
        assert hidden_entries(workspace.root) == []
        yield


def test_a_killed_retirement_or_restoration_is_undone(workspace: Workspace) -> None:
    before = outputs(workspace)
    kills = 0
    for _ in kill_everywhere(retire_key, workspace):
        kills += 1
        assert outputs(workspace) == before
    moved = 1 + 4 + 4 + 2 + 1 + 1 + 1 + 1 + 1 + 1 + 1
    assert kills == moved + 1
    assert outputs(workspace) == {}
    for _ in kill_everywhere(restore, workspace):
        assert outputs(workspace) == {}
    assert outputs(workspace) == before


@contextmanager
def on_another_disk(folder: Path) -> Iterator[None]:
    """``folder`` becomes a link into memory."""
    elsewhere = Path("/dev/shm") / f"persona_assets_{os.getpid()}"
    shutil.move(folder, elsewhere)
    folder.symlink_to(elsewhere)
    try:
        yield
    finally:
        folder.unlink()
        shutil.move(elsewhere, folder)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second file system at /dev/shm")
def test_datasets_on_another_disk_than_the_trash_are_retired_and_given_back(workspace: Workspace) -> None:
    before = outputs(workspace)
    datasets = workspace.root / "datasets" / "processed" / "persona"
    with on_another_disk(datasets):
        retire_key(workspace, DatasetKey.parse(KEY))
        assert list(datasets.iterdir()) == []
        assert restore(workspace, DatasetKey.parse(KEY)) > 0
    assert outputs(workspace) == before
