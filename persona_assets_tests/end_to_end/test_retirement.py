"""``retire`` takes away only what is gone for good, into a trash; ``restore`` gives it back byte for byte."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.commands import persona_assets, persona_assets_in_turn
from persona_assets_tests.end_to_end import files_below
from persona_assets_tests.raw_corpus import GEMMA, MODELS, responses_file, write_persona, write_settings

pytestmark = pytest.mark.campaign

PERSONAS = tuple(f"persona{number:02}" for number in range(12))
KEYS = tuple(f"{GEMMA}__role__{persona}" for persona in PERSONAS)
ORPHAN, OTHER_ORPHAN = KEYS[3], KEYS[4]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace of twelve keys, each made."""
    folder = tmp_path_factory.mktemp("retirement")
    write_settings(folder / "workspace", dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    raw = folder / "workspace" / "persona-data"
    for key in KEYS:
        write_persona(raw, key, questions=1)
    done = persona_assets(folder, "generate")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(generated: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "copied"
    shutil.copytree(generated, copied, symlinks=True)
    return copied


LOOK_FOR_ORPHANS = """
import os, sys
from pathlib import Path
from persona_assets.collection.retirement import find_orphans
from persona_assets.settings import Settings
settings = Settings(workspace=Path(sys.argv[1]))
if os.geteuid() == 0:
    os.seteuid(65534)
print(len(find_orphans(settings)), "orphans")
"""


def remove_raw_files(folder: Path, *keys: str) -> None:
    for key in keys:
        responses_file(folder / "workspace" / "persona-data", key).unlink()


def outputs(folder: Path) -> dict[str, str]:
    return files_below(folder / "workspace")


def refused(folder: Path, *arguments: str) -> str:
    """The message of a command that must fail, ask nothing, and leave every output as it was."""
    [message] = each_refused(folder, arguments)
    return message


def each_refused(folder: Path, *commands: Sequence[str]) -> list[str]:
    before = outputs(folder)
    every = persona_assets_in_turn(folder, *commands)
    assert [done.returncode for done in every] == [1] * len(commands)
    assert not [done for done in every if "[y/N]" in done.stdout + done.stderr]
    assert outputs(folder) == before
    assert not (folder / "workspace" / "persona_retired.jsonl").exists()
    return [done.stderr for done in every]


def test_a_raw_root_that_is_missing_or_empty_retires_nothing(folder: Path) -> None:
    asked_for = [["--orphaned"], ["--orphaned", "--yes"], [ORPHAN], [ORPHAN, "--yes"]]
    commands = [["retire", *arguments] for arguments in asked_for]
    raw = folder / "workspace" / "persona-data"
    shutil.rmtree(raw)
    assert all(f"{raw} cannot be listed" in message for message in each_refused(folder, *commands))
    raw.mkdir()
    assert all(f"{raw} holds no raw file" in message for message in each_refused(folder, *commands))
    (raw / GEMMA / "roles_240" / "responses").mkdir(parents=True)
    assert all(f"{raw} holds no raw file" in message for message in each_refused(folder, *commands))


def test_a_folder_of_the_raw_root_that_may_not_be_searched_retires_nothing(folder: Path) -> None:
    """As a user who owns the workspace, but may not look into the raw files of one model."""
    model = folder / "workspace" / "persona-data" / "other-model" / "roles_240" / "responses"
    model.mkdir(parents=True)
    (model / "someone.jsonl").write_text("{}\n")
    hidden = responses_file(folder / "workspace" / "persona-data", ORPHAN).parents[1]
    hidden.chmod(0o000)
    for parent in (folder, *folder.parents):
        if parent.name.startswith(("pytest-", "popen-", "test_", "copied")):
            parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", LOOK_FOR_ORPHANS, folder / "workspace"], capture_output=True, text=True, check=False
    )
    hidden.chmod(0o755)
    assert "orphans" not in done.stdout
    assert "cannot be looked at: Permission denied; nothing is retired" in done.stderr


def test_more_than_a_share_of_all_keys_needs_their_number(folder: Path) -> None:
    remove_raw_files(folder, ORPHAN, OTHER_ORPHAN)
    of_orphans, of_named, of_another_number = each_refused(
        folder,
        ["retire", "--orphaned", "--yes"],
        ["retire", ORPHAN, OTHER_ORPHAN, "--yes"],
        ["retire", "--orphaned", "--yes", "--count", "3"],
    )
    assert "2 of 12 keys would be retired, more than the share of 0.1" in of_orphans
    assert "add --count 2" in of_orphans
    assert "add --count 2" in of_named
    assert "2 keys would be retired, not 3; nothing was done" in of_another_number
    done = persona_assets(folder, "retire", "--orphaned", "--yes", "--count", "2")
    assert done.returncode == 0, done.stderr
    assert not [path for path in outputs(folder) if ORPHAN in path or OTHER_ORPHAN in path]


def test_the_share_is_a_setting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove_raw_files(folder, ORPHAN, OTHER_ORPHAN)
    monkeypatch.setenv("PERSONA_RETIRE_SHARE", "0.5")
    assert persona_assets(folder, "retire", "--orphaned", "--yes").returncode == 0
    monkeypatch.setenv("PERSONA_RETIRE_SHARE", "0")
    remove_raw_files(folder, KEYS[0])
    assert "add --count 1" in persona_assets(folder, "retire", "--orphaned", "--yes").stderr


def test_a_key_that_has_its_raw_file_is_refused_before_anything_is_asked(folder: Path) -> None:
    remove_raw_files(folder, ORPHAN)
    message = refused(folder, "retire", ORPHAN, KEYS[0], "--count", "2")
    assert f"{KEYS[0]} still has its raw file" in message


def test_what_is_retired_is_given_back_byte_for_byte(folder: Path) -> None:
    before = outputs(folder)
    raw = responses_file(folder / "workspace" / "persona-data", ORPHAN)
    content = raw.read_bytes()
    remove_raw_files(folder, ORPHAN)
    done = persona_assets(folder, "retire", ORPHAN, "--yes")
    assert done.returncode == 0, done.stderr
    assert outputs(folder) == {path: of for path, of in before.items() if ORPHAN not in path}
    record = json.loads((folder / "workspace" / "persona_retired.jsonl").read_text())
    trash = folder / "workspace" / record["trash"]
    assert {path for path in before if ORPHAN in path} <= record["files"].keys()
    assert all((trash / path).exists() for path in record["files"])
    assert persona_assets(folder, "verify").returncode == 0
    raw.write_bytes(content)
    assert f"restored {ORPHAN}" in persona_assets(folder, "restore", ORPHAN).stdout
    assert outputs(folder) == before
    assert not trash.exists()
    assert persona_assets(folder, "verify").returncode == 0
    assert "0 of 0 keys done" in persona_assets(folder, "generate", "--resume").stdout


def test_a_key_with_outputs_is_not_overwritten_by_what_was_retired(folder: Path) -> None:
    raw = responses_file(folder / "workspace" / "persona-data", ORPHAN)
    content = raw.read_bytes()
    remove_raw_files(folder, ORPHAN)
    assert persona_assets(folder, "retire", ORPHAN, "--yes").returncode == 0
    raw.write_bytes(content)
    assert persona_assets(folder, "generate", "--resume").returncode == 0
    before = outputs(folder)
    done = persona_assets(folder, "restore", ORPHAN)
    assert done.returncode == 1
    assert f"{ORPHAN} has new outputs" in done.stderr
    assert outputs(folder) == before


def test_the_trash_is_emptied_of_what_is_older_than_the_setting_and_of_nothing_else(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trash = folder / "workspace" / "persona_trash"
    old, foreign = trash / f"20250101T000000.000000Z__{ORPHAN}", trash / "20250101T000000.000000Z__my own"
    for made in (old, foreign):
        made.mkdir(parents=True)
    remove_raw_files(folder, OTHER_ORPHAN)
    assert persona_assets(folder, "retire", OTHER_ORPHAN, "--yes").returncode == 0
    assert not old.exists()
    assert foreign.exists()
    assert [path.name.partition("__")[2] for path in sorted(trash.iterdir())[1:]] == [OTHER_ORPHAN]
    monkeypatch.setenv("PERSONA_TRASH_DAYS", "0")
    done = persona_assets(folder, "retire", "--orphaned", "--yes")
    assert f"removed from the trash: {OTHER_ORPHAN}" in done.stdout
    assert list(trash.iterdir()) == [foreign]


def test_partitions_of_another_workspace_in_the_same_home_are_left_alone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    write_settings(other / "workspace", dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    foreign = f"{GEMMA}__role__foreign"
    write_persona(other / "workspace" / "persona-data", foreign)
    assert persona_assets(other, "generate").returncode == 0
    before = outputs(other)
    remove_raw_files(folder, ORPHAN)
    done = persona_assets(folder, "retire", "--orphaned", "--yes")
    assert "1 keys retired" in done.stdout
    assert outputs(other) == before
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.get_dynamic_partitions("persona_datasets") == [foreign]
