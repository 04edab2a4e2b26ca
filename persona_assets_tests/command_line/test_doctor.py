"""``doctor``: every fault that it is for is found, named with what to do, and nothing is made."""

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from persona_assets.cli.examination import disk, packages
from persona_assets_tests.command_line import call
from persona_assets_tests.raw_corpus import GEMMA, KEYS, MODELS, responses_file, write_settings

Found = dict[str, list[tuple[str, str]]]


def examine(exit_code: int = 0) -> Found:
    """The level and the sentence of every finding, by subject."""
    done = call("doctor", "--json")
    assert done.exit_code == exit_code, done.output
    report = json.loads(done.stdout)
    found: Found = {}
    for one in report["findings"]:
        found.setdefault(one["subject"], []).append((one["level"], one["sentence"]))
    levels = [level for findings in found.values() for level, _ in findings]
    assert (report["problems"], report["warnings"]) == (levels.count("problem"), levels.count("warning"))
    return found


def faults(found: Found) -> list[tuple[str, str, str]]:
    return [(subject, *one) for subject, findings in found.items() for one in findings if one[0] != "ok"]


def only_fault(exit_code: int) -> tuple[str, str, str]:
    [fault] = faults(examine(exit_code))
    return fault


def test_a_sound_workspace_has_no_fault_and_says_what_was_looked_at(materialised_workspace: Path) -> None:
    found = examine()
    assert faults(found) == []
    subjects = {"versions", "settings", "raw root", "tokenizer", "workspace", "DAGSTER_HOME", "leftovers"}
    assert set(found) == subjects
    assert [sentence.split(":")[0] for _, sentence in found["tokenizer"]] == list(MODELS)


def test_each_finding_is_one_line_and_the_last_line_counts(materialised_workspace: Path) -> None:
    lines = call("doctor").stdout.splitlines()
    assert len(lines) == sum(map(len, examine().values())) + 1
    assert {line.split()[0] for line in lines[:-1]} == {"ok"}
    assert lines[-1] == "0 problems, 0 warnings"


def test_it_writes_nothing(materialised_workspace: Path) -> None:
    before = sorted(materialised_workspace.parent.rglob("*"))
    examine()
    assert sorted(materialised_workspace.parent.rglob("*")) == before


def test_a_setting_that_cannot_be_used_is_a_problem(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_WORKERS", "many")
    subject, level, sentence = only_fault(1)
    assert (subject, level) == ("settings", "problem")
    assert "PERSONA_WORKERS" in sentence


def test_a_variable_that_nothing_reads_is_a_warning(
    materialised_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_FAVOURITE_COLOUR", "blue")
    subject, level, sentence = only_fault(0)
    assert (subject, level) == ("settings", "warning")
    assert sentence.startswith("PERSONA_FAVOURITE_COLOUR: no setting is called so")


def test_a_missing_raw_root_is_a_problem_until_something_is_made(
    materialised_workspace: Path,
) -> None:
    shutil.rmtree(materialised_workspace / "persona-data")
    subject, level, sentence = only_fault(0)
    assert (subject, level) == ("raw root", "warning")
    assert f"The {len(KEYS)} keys made so far can be read without it" in sentence


def test_a_missing_raw_root_of_an_empty_workspace_is_a_problem(workspace: Path) -> None:
    subject, level, sentence = only_fault(1)
    assert (subject, level) == ("raw root", "problem")
    assert "set PERSONA_DATA_ROOT" in sentence


def test_what_is_in_no_known_layout_and_what_is_not_taken_are_warnings(workspace_with_corpus: Path) -> None:
    odd = workspace_with_corpus / "persona-data" / "other-model" / "answers"
    odd.mkdir(parents=True)
    (odd / "pirate.jsonl").write_text("{}\n", encoding="utf-8")
    file = responses_file(workspace_with_corpus / "persona-data", KEYS[0]).with_name("two__names.jsonl")
    file.write_text("{}\n", encoding="utf-8")
    found = [(level, sentence) for subject, level, sentence in faults(examine()) if subject == "raw root"]
    assert {level for level, _ in found} == {"warning"}
    said = " ".join(sentence for _, sentence in found)
    assert "other-model" in said
    assert str(file) in said
    assert "persona-assets list" in said


def test_a_model_without_a_tokenizer_is_a_problem_with_the_line_to_write(workspace_with_corpus: Path) -> None:
    folder = workspace_with_corpus / "persona-data"
    (folder / GEMMA).rename(folder / "gemma-3")
    subject, level, sentence = only_fault(1)
    assert (subject, level) == ("tokenizer", "problem")
    assert '"gemma-3" = "organisation/name"' in sentence


@pytest.fixture
def tokenizers(workspace_with_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of copies of the sample tokenizer, by which the models are configured."""
    from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER

    folder = tmp_path / "tokenizers"
    for model in MODELS:
        shutil.copytree(SAMPLE_TOKENIZER_FOLDER, folder / model)
    write_settings(workspace_with_corpus, {model: f"somebody/{model}" for model in MODELS})
    monkeypatch.setenv("PERSONA_TOKENIZERS", str(folder))
    return folder


def test_tokenizers_of_a_folder_load(tokenizers: Path) -> None:
    assert faults(examine()) == []


@pytest.mark.parametrize(
    "fault", ["is not there", "cannot be loaded", "named pipe", "no chat template", "cannot be read"]
)
def test_a_tokenizer_that_cannot_count_is_a_problem(fault: str, tokenizers: Path) -> None:
    folder = tokenizers / GEMMA
    if fault == "is not there":
        (folder / "tokenizer.json").unlink()
    elif fault == "cannot be loaded":
        (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    elif fault == "named pipe":
        (folder / "tokenizer.json").unlink()
        os.mkfifo(folder / "tokenizer.json")
        fault = "is not there"
    else:
        for template in folder.glob("chat_template.*"):
            template.unlink()
        content = "{}" if fault == "no chat template" else "{"
        (folder / "tokenizer_config.json").write_text(content, encoding="utf-8")
    subject, level, sentence = only_fault(1)
    assert (subject, level) == ("tokenizer", "problem")
    assert sentence.startswith(f"{GEMMA}: ")
    assert fault in sentence


def test_a_tokenizer_still_to_be_fetched_is_a_warning_and_is_not_fetched(workspace_with_corpus: Path) -> None:
    write_settings(workspace_with_corpus, {model: f"nobody/none-{model}" for model in MODELS})
    found = faults(examine())
    assert [(subject, level) for subject, level, _ in found] == [("tokenizer", "warning")] * len(MODELS)
    assert all("is not on this machine yet" in sentence for _, _, sentence in found)


def test_a_disk_that_is_nearly_full_is_a_problem_and_one_that_may_become_so_a_warning(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "OUTPUTS_PER_RAW_BYTE", 1e15)
    subject, level, sentence = only_fault(0)
    assert (subject, level) == ("workspace", "warning")
    assert "GB free" in sentence
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 2**62)
    assert only_fault(1)[:2] == ("workspace", "problem")


def test_a_workspace_that_may_not_be_written_is_said(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != workspace_with_corpus and real(path, mode)
    )  # whoever runs the tests may be root, who may write anywhere
    subject, level, sentence = only_fault(0)
    assert (subject, level) == ("workspace", "warning")
    assert "nothing can be made" in sentence


def test_a_workspace_in_which_nothing_can_be_replaced_is_a_problem(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(one: str, other: str) -> None:
        raise OSError(errno.EPERM, "Operation not permitted", other)

    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr(os, "replace", refuse)
    found = [one for one in faults(examine(1)) if one[0] == "workspace"]
    assert [(level, "cannot be replaced there" in sentence) for _, level, sentence in found] == [("problem", True)]


def test_a_relative_dagster_home_is_a_problem(workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "somewhere")
    subject, level, sentence = only_fault(1)
    assert (subject, level) == ("DAGSTER_HOME", "problem")
    assert "must be an absolute path" in sentence


def test_a_dagster_home_elsewhere_is_a_warning_and_is_not_made(
    workspace_with_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    assert only_fault(0)[:2] == ("DAGSTER_HOME", "warning")
    assert not (tmp_path / "home").exists()


def test_libraries_that_are_missing_or_of_another_version_are_problems(
    workspace_with_corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Declared:
        """What an installation would say that needs what this environment has not."""

        requires = ("click>=999", "no_such_library>=1", "msgspec>=0.1", "nothing_at_all; extra == 'dev'")
        metadata: ClassVar = {"Requires-Python": ">=99"}
        version = "0"

    monkeypatch.setattr(packages, "distribution", lambda _: Declared)
    found = [(level, sentence) for subject, level, sentence in faults(examine(1)) if subject == "versions"]
    assert {level for level, _ in found} == {"problem"}
    said = [sentence.split(",")[0] for _, sentence in found]
    assert said[0].startswith("Python ")
    assert said[1].startswith("click is ")
    assert said[2] == "no_such_library is not installed"
    assert len(said) == 3


@pytest.fixture
def leftover(materialised_workspace: Path) -> Path:
    path = materialised_workspace / "persona_manifests" / f".{KEYS[0]}.json.123-0123abcd.partial"
    path.write_text("{", encoding="utf-8")
    return path


def test_what_a_killed_process_left_is_a_warning(leftover: Path) -> None:
    subject, level, sentence = only_fault(0)
    assert (subject, level) == ("leftovers", "warning")
    assert str(leftover) in sentence


@pytest.fixture
def _at_work(materialised_workspace: Path) -> Iterator[None]:
    """Another open file holds the lock, as a process at work does."""
    with (materialised_workspace / "persona_locks" / f"{KEYS[0]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("_at_work")
def test_what_a_process_at_work_writes_just_now_is_no_fault(leftover: Path) -> None:
    found = examine()
    assert faults(found) == []
    assert ("ok", f"at work now: {KEYS[0]}") in found["leftovers"]
