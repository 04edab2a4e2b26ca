"""``verify`` reads: it works where nothing can be written, and for whoever may only read."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from persona_assets_tests.atomicity import ONE, make_version, settings_of
from persona_assets_tests.atomicity.file_systems import read_only
from persona_assets_tests.commands import persona_assets

VERIFY = """
import os, sys
import persona_assets.cli.status, persona_assets.cli.verifying
from persona_assets.cli.commands import commands
from persona_assets.settings import load_settings
load_settings()  # what is imported late is where only root may read
if os.geteuid() == 0:
    os.seteuid(65534)
commands(["verify"])
"""


@pytest.fixture
def archived(tmp_path: Path) -> Path:
    """A workspace copied without its locks, as to an archive."""
    settings = settings_of(tmp_path / "workspace")
    make_version(ONE, settings)
    shutil.rmtree(tmp_path / "workspace" / "persona_locks")
    return tmp_path / "workspace"


def test_a_copy_on_a_read_only_file_system_is_verified(
    archived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with read_only(tmp_path, archived) as mounted:
        monkeypatch.setenv("PERSONA_WORKSPACE", str(mounted))
        done = persona_assets(tmp_path, "verify")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "1 keys, " in done.stdout
    assert "0 problems" in done.stdout


def test_damage_is_found_on_a_read_only_file_system(
    archived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = next((archived / "persona_token_plots").iterdir())
    picture.write_bytes(picture.read_bytes() + b"x")
    with read_only(tmp_path, archived) as mounted:
        monkeypatch.setenv("PERSONA_WORKSPACE", str(mounted))
        done = persona_assets(tmp_path, "verify")
    assert done.returncode == 1
    assert picture.name in done.stdout


@pytest.mark.parametrize("locks", [True, False], ids=["with locks", "without"])
def test_a_workspace_of_somebody_else_is_verified(
    locks: bool, archived: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if locks:
        (archived / "persona_locks").mkdir()
        (archived / "persona_locks" / f"{next((archived / 'persona_manifests').iterdir()).stem}.lock").touch(0o644)
    for parent in archived.parents:
        if parent.name.startswith(("pytest-", "popen-", "test_")):
            parent.chmod(0o755)
    before = sorted(archived.rglob("*"))
    monkeypatch.setenv("PERSONA_WORKSPACE", str(archived))
    done = subprocess.run([sys.executable, "-c", VERIFY], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "0 problems" in done.stdout
    assert sorted(archived.rglob("*")) == before
