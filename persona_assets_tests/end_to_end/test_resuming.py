"""A process killed amid its renames: ``status`` says so, and whatever runs next makes the workspace whole."""

import shutil
import signal
from hashlib import sha256
from pathlib import Path

import pytest

from persona_assets_tests.atomicity import (
    KEY,
    ONE,
    OTHER,
    hidden_entries,
    make_version,
    recorded_hashes,
    settings_of,
)
from persona_assets_tests.atomicity.killing import PATIENCE_SECONDS, die_at_rename, running
from persona_assets_tests.commands import persona_assets
from persona_assets_tests.raw_corpus import GEMMA, write_persona

pytestmark = pytest.mark.campaign

NEIGHBOUR = f"{GEMMA}__role__pirate"
MANY_RENAMES = 200


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose outputs are of two versions, because a process died between two renames."""
    folder = tmp_path_factory.mktemp("interrupted")
    settings = settings_of(folder / "workspace")
    make_version(ONE, settings)
    write_persona(settings.raw_root, NEIGHBOUR)
    assert persona_assets(folder, "generate").returncode == 0
    OTHER.write(settings.raw_root)
    for number in range(MANY_RENAMES):
        with running(die_at_rename, settings, number, True) as (process, _):
            process.join(PATIENCE_SECONDS)
        assert process.exitcode == -signal.SIGKILL
        if _is_mixed(settings.workspace):
            return folder
    raise AssertionError("no kill fell between two renames of outputs")


def _is_mixed(workspace: Path) -> bool:
    """Whether an output is newer than the manifest."""
    recorded = recorded_hashes(workspace)
    return any(sha256((workspace / path).read_bytes()).hexdigest() != digest for path, digest in recorded.items())


@pytest.fixture
def folder(interrupted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(interrupted, tmp_path / "copied", symlinks=True))


def test_status_tells_a_key_whose_replacement_was_interrupted(folder: Path) -> None:
    assert f"{KEY}  a process that replaced its outputs was killed" in persona_assets(folder, "status").stdout
    done = persona_assets(folder, "verify")
    assert done.returncode == 1
    assert "left by a process that was killed" in done.stdout


def test_a_resume_that_succeeds_leaves_a_workspace_that_verifies(folder: Path) -> None:
    assert persona_assets(folder, "generate", "--resume").returncode == 0
    expect_whole(folder)
    assert "0 of 0 keys done" in persona_assets(folder, "generate", "--resume").stdout


@pytest.mark.parametrize("command", [["compare"], ["create", "--type", "role", "--model", GEMMA, "--name", "pirate"]])
def test_a_run_of_anything_else_restores_what_the_manifest_names(command: list[str], folder: Path) -> None:
    assert persona_assets(folder, *command).returncode == 0
    expect_whole(folder)


def expect_whole(folder: Path) -> None:
    done = persona_assets(folder, "verify")
    assert done.returncode == 0, done.stdout
    assert hidden_entries(folder / "workspace") == []
