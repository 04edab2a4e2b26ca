"""``persona-assets dev`` says first where to look, then what it found; a folder that is no workspace is refused."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.ui.graphql import ask
from persona_assets_tests.ui.servers import free_port, running_ui

pytestmark = pytest.mark.campaign

PROGRAM = str(Path(sys.executable).parent / "persona-assets")
PARTITIONS = """{ assetNodeOrError(assetKey: {path: ["histogram"]}) { ... on AssetNode { partitionKeys } } }"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "ui.log"


def test_the_address_comes_first_and_no_warning_after_it(workspace_with_corpus: Path, log: Path) -> None:
    with running_ui(log) as address:
        first, *others = log.read_text(encoding="utf-8").splitlines()
        assert first.split() == ["Dagster", "UI", address, "(starting)"]
        assert any(line.startswith(f"workspace   {workspace_with_corpus}") for line in others)
    told = log.read_text(encoding="utf-8")
    assert "Warning" not in told
    assert "superseded" not in told


def test_raw_files_are_partitions_before_anything_is_clicked(workspace_with_corpus: Path, log: Path) -> None:
    with running_ui(log) as address:
        assert ask(address, PARTITIONS)["assetNodeOrError"]["partitionKeys"] == list(KEYS)
    assert f"{len(KEYS)} in {workspace_with_corpus / 'persona-data'}, {len(KEYS)} newly registered" in log.read_text()


@pytest.mark.parametrize("made", [False, True], ids=["no raw root", "an empty raw root"])
def test_that_there_is_no_raw_file_is_said(workspace: Path, log: Path, made: bool) -> None:
    raw = workspace / "persona-data"
    if made:
        raw.mkdir()
    told = read_until(start(log), log, "raw files")
    assert f"{raw} (setting PERSONA_DATA_ROOT)" in told
    assert "raw files   none" in told


def test_a_folder_that_is_no_workspace_is_refused_and_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = subprocess.run([PROGRAM, "dev"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    for part in (f"{tmp_path / 'workspace'} is not a workspace yet", "PERSONA_WORKSPACE", "persona_assets.toml"):
        assert part in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_module_in_the_current_folder_is_not_imported(
    workspace_with_corpus: Path, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gql.py").write_text("raise RuntimeError('not meant')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with running_ui(log) as address:
        assert ask(address, "{ version }")


def start(log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        return subprocess.Popen(
            [PROGRAM, "dev", "--port", str(free_port())], stdout=output, stderr=output, start_new_session=True
        )


def read_until(server: "subprocess.Popen[bytes]", log: Path, word: str) -> str:
    """What the server says up to a line that begins with ``word``; then it is ended."""
    try:
        for told in watch(server, log):
            if any(line.startswith(word) for line in told.splitlines()):
                return told
    finally:
        os.kill(server.pid, signal.SIGTERM)
        server.wait(30)
    raise AssertionError(log.read_text(encoding="utf-8"))


def watch(server: "subprocess.Popen[bytes]", log: Path) -> Iterator[str]:
    while server.poll() is None:
        time.sleep(0.1)
        yield log.read_text(encoding="utf-8")
