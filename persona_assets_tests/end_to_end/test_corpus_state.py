"""The catalogue, ``status``, ``verify`` and ``retire``: all keys at once, against what is really on disk."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.collection.retirement import retire
from persona_assets.collection.survey import State, survey
from persona_assets.dagster_defs.catalogue_asset import COMPLETE, NO_COPIES
from persona_assets.errors import RawDataError, StorageError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import (
    OUTPUT_FOLDERS,
    files_below,
    open_instance,
    plain_facts,
    run_job,
    run_range,
)
from persona_assets_tests.raw_corpus import (
    GEMMA,
    KEYS,
    LLAMA,
    QWEN,
    responses_file,
    scores_file,
)

PASSED = f"{LLAMA}__role__0_default"
WARNED = f"{GEMMA}__trait__blunt"
ORPHAN = f"{GEMMA}__role__pirate"
STALE = f"{QWEN}__role__stoic"
FAILED = f"{QWEN}__trait__stoic"
MISSING = f"{LLAMA}__role__newcomer"


@dataclass(frozen=True)
class Made:
    """A workspace in which every key of the small corpus has been materialised."""

    workspace: Path
    instance: dg.DagsterInstance

    @property
    def settings(self) -> Settings:
        return Settings(workspace=self.workspace)

    def states(self) -> dict[str, State]:
        surveyed = survey(self.settings, discover(RawCorpus(self.workspace / "persona-data")))
        return {str(one.key): one.state for one in surveyed.states}

    def catalogue(self) -> dict[str, dg.AssetCheckEvaluation]:
        run = run_job(self.instance, self.workspace, "refresh_catalogue")
        assert run.success
        return {one.check_name: one for one in run.get_asset_check_evaluations()}


@pytest.fixture
def made(materialised_workspace: Path) -> Iterator[Made]:
    with open_instance(materialised_workspace) as instance:
        yield Made(materialised_workspace, instance)


def plant(made: Made) -> None:
    """One key of every state; the small corpus has the faults that make its other keys warn."""
    raw = made.workspace / "persona-data"
    responses_file(raw, ORPHAN).unlink()
    scores_file(raw, ORPHAN).unlink()
    with responses_file(raw, STALE).open("ab") as file:
        file.write(b"\n")
    shutil.copy(responses_file(raw, PASSED), responses_file(raw, MISSING))
    scores_file(raw, FAILED).write_text("no json")
    run = run_range(made.instance, made.workspace, (FAILED, FAILED))
    assert not run.success


def test_every_key_stands_where_its_files_and_checks_put_it(made: Made) -> None:
    plant(made)
    states = made.states()
    assert {key: states[key] for key in (PASSED, WARNED, ORPHAN, STALE, FAILED, MISSING)} == {
        PASSED: State.PASSED,
        WARNED: State.WARNED,
        ORPHAN: State.ORPHANED,
        STALE: State.STALE,
        FAILED: State.FAILED,
        MISSING: State.MISSING,
    }
    assert set(states) == {*KEYS, MISSING}


def test_the_catalogue_checks_name_exactly_the_keys_concerned(made: Made) -> None:
    plant(made)
    evaluations = made.catalogue()
    named = {
        name: {listed["key"] for listed in _json(one, "first")}
        for name, one in evaluations.items()
        if name not in (COMPLETE, NO_COPIES)
    }
    assert named["no_key_failed"] == {FAILED}
    assert named["no_key_missing"] == {MISSING}
    assert named["no_key_stale"] == {STALE}
    assert named["no_key_orphaned"] == {ORPHAN}
    assert WARNED in named["no_key_warned"]
    assert {name for name, one in evaluations.items() if one.passed} == set()
    severe = {name for name, one in evaluations.items() if one.severity == dg.AssetCheckSeverity.ERROR}
    assert severe == {COMPLETE, "no_key_failed"}


def test_the_catalogue_counts_are_those_of_the_raw_root(made: Made) -> None:
    plant(made)
    complete = made.catalogue()[COMPLETE]
    assert complete.metadata["raw_files"].value == len(KEYS) - 1 + 1
    assert complete.metadata["usable"].value == len(KEYS) - 3
    catalogue = json.loads((made.workspace / "persona_catalogue.json").read_text())
    of_llama = next(row for row in catalogue["counts"] if (row["model"], row["type"]) == (LLAMA, "role"))
    assert (of_llama["raw_files"], of_llama["usable"], of_llama["missing"]) == (3, 2, 1)
    assert catalogue["keys"][ORPHAN]["state"] == "orphaned"


def test_a_complete_corpus_passes_every_check_but_the_warning_its_faults_deserve(made: Made) -> None:
    evaluations = made.catalogue()
    copies = {NO_COPIES}  # the baselines of two models are the same rows here
    assert {name for name, one in evaluations.items() if not one.passed} == {"no_key_warned"} | copies


def test_a_raw_file_no_key_can_stand_for_fails_the_completeness_check(made: Made) -> None:
    path = responses_file(made.workspace / "persona-data", PASSED)
    path.with_name("bad name.jsonl").write_bytes(path.read_bytes())
    complete = made.catalogue()[COMPLETE]
    assert not complete.passed
    assert complete.metadata["unfit_files"].value == 1
    catalogue = json.loads((made.workspace / "persona_catalogue.json").read_text())
    assert catalogue["unfit_files"] == 1
    assert [line.partition(": ")[0] for line in catalogue["unfit"]] == [str(path.with_name("bad name.jsonl"))]


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("max_questions", 300, State.STALE),
        ("variants", {"role": ["min1"]}, State.STALE),
        ("models", {LLAMA: "someone/else"}, State.STALE),
        ("workers", 7, State.PASSED),
    ],
)
def test_a_setting_that_changes_the_outputs_makes_keys_stale(name: str, value: Any, state: State, made: Made) -> None:
    settings = Settings(workspace=made.workspace, **{name: value})
    surveyed = survey(settings, discover(RawCorpus(made.workspace / "persona-data")))
    assert {one.state for one in surveyed.states if str(one.key) == PASSED} == {state}


def test_a_touched_raw_file_of_equal_content_is_not_stale(made: Made) -> None:
    responses_file(made.workspace / "persona-data", PASSED).touch()
    assert made.states()[PASSED] is State.PASSED


def test_an_output_that_vanished_makes_its_key_stale(made: Made) -> None:
    (made.workspace / "persona_token_plots" / f"{PASSED}.png").unlink()
    assert made.states()[PASSED] is State.STALE


def test_verify_finds_nothing_in_an_untouched_workspace_and_reads_every_output(made: Made) -> None:
    result = verify(Workspace.of(made.settings), workers=2)
    assert result.damages == ()
    outputs = [path for path in files_below(made.workspace) if not path.startswith("persona_manifests")]
    assert result.files == len(outputs)
    assert result.size_bytes == sum((made.workspace / path).stat().st_size for path in outputs)


def test_verify_names_every_file_that_was_changed_removed_or_added(made: Made) -> None:
    data = made.workspace / "datasets" / "processed" / "persona"
    shard = data / PASSED / "train" / "data-00000-of-00001.arrow"
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    (data / f"{WARNED}.parquet").unlink()
    (data / ORPHAN / "train" / "data-00001-of-00002.arrow").write_bytes(b"stale shard")
    (data / f".{STALE}.parquet.1-0123abcd.partial").write_bytes(b"half")
    (data / f".{STALE}.notes").write_bytes(b"a user's")
    result = verify(Workspace.of(made.settings), workers=2)
    assert {str(damage.path.relative_to(data)) for damage in result.damages} == {
        f"{PASSED}/train/data-00000-of-00001.arrow",
        f"{WARNED}.parquet",
        f"{ORPHAN}/train/data-00001-of-00002.arrow",
        f".{STALE}.parquet.1-0123abcd.partial",
    }


def test_retiring_removes_all_of_a_key_and_nothing_else_and_writes_down_what_it_was(made: Made) -> None:
    raw = made.workspace / "persona-data"
    responses_file(raw, ORPHAN).unlink()
    before = files_below(made.workspace)
    retired = retire(made.settings, DatasetKey.parse(ORPHAN))
    after = files_below(made.workspace)
    removed = {path: digest for path, digest in before.items() if ORPHAN in path}
    assert {path: before[path] for path in before.keys() - after.keys()} == removed
    assert after.items() <= before.items()
    record = json.loads((made.workspace / "persona_retired.jsonl").read_text())
    recorded = {path: of["sha256"] for path, of in record["files"].items() if path.split("/")[0] in OUTPUT_FOLDERS}
    assert recorded == removed
    assert retired.files == len(record["files"])


def test_a_key_that_still_has_its_raw_file_is_not_retired(made: Made) -> None:
    before = files_below(made.workspace)
    with pytest.raises(RawDataError, match="still has its raw file"):
        retire(made.settings, DatasetKey.parse(ORPHAN))
    assert files_below(made.workspace) == before


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["a folder", "a named pipe"])
def test_nothing_is_removed_when_the_record_cannot_be_written(make: Callable[[Path], None], made: Made) -> None:
    responses_file(made.workspace / "persona-data", ORPHAN).unlink()
    make(made.workspace / "persona_retired.jsonl")
    before = files_below(made.workspace)
    with pytest.raises(StorageError, match="nothing was removed"):
        retire(made.settings, DatasetKey.parse(ORPHAN))
    assert files_below(made.workspace) == before


def test_manifests_hold_the_hashes_of_the_files_and_of_their_sources(made: Made) -> None:
    raw = made.workspace / "persona-data"
    for key in KEYS:
        sections = json.loads((made.workspace / "persona_manifests" / f"{key}.json").read_text())
        inputs = sections["scored_dataset"]["inputs"]
        scores = scores_file(raw, key)
        assert inputs["files"]["responses"] == sha256(responses_file(raw, key).read_bytes()).hexdigest()
        assert inputs["files"].get("scores") == (sha256(scores.read_bytes()).hexdigest() if scores.exists() else None)
        recorded = {path: of["sha256"] for section in sections.values() for path, of in section["outputs"].items()}
        files = files_below(made.workspace)
        assert recorded.items() <= files.items()
        assert all({"stage_version", "package_version", "git_sha"} <= of["code"].keys() for of in sections.values())


def _json(evaluation: dg.AssetCheckEvaluation, name: str) -> Any:
    return plain_facts(evaluation.metadata).get(name, [])
