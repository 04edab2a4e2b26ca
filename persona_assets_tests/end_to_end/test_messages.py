"""Workspaces and disks that nothing can be done with: every command says so in one message, and no traceback."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from persona_assets.cli.commands import commands
from persona_assets.errors import StorageError
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.raw_corpus import KEYS, write_corpus

PROGRAM = Path(sys.executable).parent / "persona-assets"
MODEL, KIND, NAME = KEYS[0].split("__")
THAT_ONLY_READ = [["list"], ["status"], ["verify"]]
THAT_OPEN_DAGSTER = [
    ["generate", "--workers", "1"],
    ["create", "--type", KIND, "--model", MODEL, "--name", NAME],
    ["compare"],
    ["retire", f"{MODEL}__{KIND}__nobody", "--yes"],
    ["dev", "--port", "0"],
]
SMALLEST_FULL_DISK_BYTES = 64 * 1024


@pytest.fixture
def raw_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_corpus(tmp_path / "raw")
    monkeypatch.setenv("PERSONA_DATA_ROOT", str(tmp_path / "raw"))
    return tmp_path / "raw"


def call(command: list[str]) -> Result:
    return CliRunner().invoke(commands, command)


def assert_one_message(result: Result, *parts: str) -> None:
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    (message,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize("command", [*THAT_ONLY_READ, *THAT_OPEN_DAGSTER], ids=lambda command: command[0])
@pytest.mark.parametrize("name", ["file", "file/below", "x" * 300, os.fsdecode(b"not_utf8_\xff")], ids=ascii)
def test_a_workspace_that_can_be_no_folder_is_refused_by_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw_root: Path, name: str, command: list[str]
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("PERSONA_WORKSPACE", str(tmp_path / name))
    result = call(command)
    assert_one_message(result)
    assert "PERSONA_" in result.output


@pytest.mark.parametrize("command", THAT_OPEN_DAGSTER, ids=lambda command: command[0])
@pytest.mark.parametrize("name", ["a?b", "a%20b", "x" * 200 + "/" + "y" * 200 + "/" + "z" * 80], ids=lambda n: n[:6])
def test_a_workspace_in_which_dagster_cannot_keep_its_databases_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw_root: Path, name: str, command: list[str]
) -> None:
    workspace = tmp_path / name
    workspace.mkdir(parents=True)
    (workspace / "persona_assets.toml").touch()
    monkeypatch.setenv("PERSONA_WORKSPACE", str(workspace))
    assert_one_message(call(command), "PERSONA_WORKSPACE", "set DAGSTER_HOME")


def test_the_way_out_works(tmp_path: Path, raw_root: Path) -> None:
    settings = {"PERSONA_WORKSPACE": str(tmp_path / "a?b%20c"), "DAGSTER_HOME": str(tmp_path / "home")}
    settings["PERSONA_MODELS"] = f'{{"{MODEL}": "{SAMPLE_TOKENIZER}"}}'
    done = subprocess.run(
        [PROGRAM, *THAT_OPEN_DAGSTER[1]], env=os.environ | settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "a?b%20c" / "datasets" / "processed" / "persona" / f"{KEYS[0]}.parquet").is_file()


@pytest.mark.parametrize("command", THAT_OPEN_DAGSTER, ids=lambda command: command[0])
def test_a_home_that_may_not_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw_root: Path, command: list[str]
) -> None:
    """A folder where a database should be stands for a disk that is read-only, which only root can mount."""
    home = tmp_path / "workspace" / "dagster_home"
    (home / "history" / "runs.db").mkdir(parents=True)
    monkeypatch.setenv("PERSONA_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    assert_one_message(call(command), str(home), "DAGSTER_HOME")


def test_a_database_that_cannot_grow_ends_the_command_with_one_message(tmp_path: Path, raw_root: Path) -> None:
    def with_a_small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALLEST_FULL_DISK_BYTES, SMALLEST_FULL_DISK_BYTES))

    done = subprocess.run(
        [PROGRAM, "compare"],
        env=os.environ | {"PERSONA_WORKSPACE": str(tmp_path / "workspace")},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=with_a_small_disk,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Dagster's records in" in done.stderr.splitlines()[-1]


def test_a_full_database_is_a_storage_error_that_says_to_free_space(tmp_path: Path) -> None:
    from persona_assets.dagster_runtime.storage_errors import translating_storage_errors

    with closing(sqlite3.connect(tmp_path / "full.db")) as database:
        database.execute("PRAGMA max_page_count = 2")
        database.execute("CREATE TABLE one (text)")
        with pytest.raises(StorageError, match=r"is full.*free space"), translating_storage_errors(tmp_path):
            database.executemany("INSERT INTO one VALUES (?)", [("x" * 1000,)] * 100)


def test_what_is_no_error_of_the_storage_passes_unchanged(tmp_path: Path) -> None:
    from persona_assets.dagster_runtime.storage_errors import translating_storage_errors

    with pytest.raises(ZeroDivisionError), translating_storage_errors(tmp_path):
        raise ZeroDivisionError
    with pytest.raises(FileNotFoundError), translating_storage_errors(tmp_path / "home"):
        (tmp_path / "of_the_workspace").read_bytes()


def test_a_workspace_removed_during_a_run_ends_it_with_one_message(workspace_with_corpus: Path) -> None:
    log = workspace_with_corpus.parent / "log"
    with log.open("wb") as output:
        run = subprocess.Popen([PROGRAM, "generate", "--workers", "1"], stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 60
        while b"done  " not in log.read_bytes() and time.monotonic() < deadline:
            time.sleep(0.05)
        workspace_with_corpus.rename(workspace_with_corpus.with_name("elsewhere"))
        assert run.wait(60) == 1
    finally:
        run.kill()
        run.wait()
        shutil.rmtree(workspace_with_corpus, ignore_errors=True)
    assert "Traceback" not in log.read_text(encoding="utf-8")
