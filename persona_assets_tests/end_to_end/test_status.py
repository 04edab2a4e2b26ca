"""``status``: the worst first, totals, only what is asked for, for programs as JSON and an exit code."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from persona_assets.cli.commands import commands
from persona_assets.keys import DatasetKey
from persona_assets_tests.end_to_end import open_instance, run_range
from persona_assets_tests.raw_corpus import GEMMA, KEYS, LLAMA, QWEN, responses_file, scores_file

FAILED = f"{QWEN}__trait__stoic"
MISSING = f"{LLAMA}__role__newcomer"
STATES = ("failed", "missing", "stale", "orphaned", "warned", "passed")


def status(*options: str) -> Result:
    result = CliRunner().invoke(commands, ["status", *options])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def status_json(*options: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(status("--json", *options).stdout)
    return report


def listed(result: Result) -> list[str]:
    """The states of the keys listed, in their order."""
    found = (re.match(rf"({'|'.join(STATES)}) +\S+__\S+__\S+", line) for line in result.stdout.splitlines())
    return [match[1] for match in found if match]


@pytest.fixture
def planted(materialised_workspace: Path) -> Path:
    """A key that is failed and one that is missing; the small corpus has keys that warn."""
    raw = materialised_workspace / "persona-data"
    shutil.copy(responses_file(raw, f"{LLAMA}__role__0_default"), responses_file(raw, MISSING))
    scores_file(raw, FAILED).write_text("no json", encoding="utf-8")
    with open_instance(materialised_workspace) as instance:
        assert not run_range(instance, materialised_workspace, (FAILED, FAILED)).success
    return materialised_workspace


def test_the_worst_keys_come_first_and_totals_last(planted: Path) -> None:
    result = status()
    states = listed(result)
    assert states[:2] == ["failed", "missing"]
    assert set(states[2:]) == {"warned"}
    warned, passed = len(states) - 2, len(KEYS) + 1 - len(states)
    total = f"{len(KEYS) + 1} keys: 1 failed, 1 missing, {warned} warned, {passed} passed"
    assert total in result.stdout.splitlines()
    assert re.search(rf"all +│ +│ {len(KEYS) + 1} ", result.stdout)


@pytest.mark.parametrize(
    ("options", "expected"),
    [(["--failed"], {"failed"}), (["--warned"], {"warned"}), (["--failed", "--warned"], {"failed", "warned"})],
)
def test_only_keys_in_the_states_asked_for_are_listed(planted: Path, options: list[str], expected: set[str]) -> None:
    assert set(listed(status(*options))) == expected
    assert {key["state"] for key in status_json(*options)["keys"]} == expected


def test_only_the_models_and_kinds_asked_for_are_counted(planted: Path) -> None:
    report = status_json("--model", QWEN, "--type", "trait")
    of_qwen = [key for key in KEYS if key.startswith(f"{QWEN}__trait__")]
    assert sum(report["totals"].values()) == len(of_qwen)
    assert [(one["model"], one["type"]) for one in report["counts"]] == [(QWEN, "trait")]
    result = status("--models", LLAMA)
    assert listed(result) == ["missing", "warned"]
    assert GEMMA not in result.stdout


def test_json_has_each_concern_in_words_and_counts_that_agree_with_the_keys(planted: Path) -> None:
    report = status_json()
    assert [key["state"] for key in report["keys"]] == sorted(
        (key["state"] for key in report["keys"]), key=STATES.index
    )
    by_key = {key["key"]: key for key in report["keys"]}
    (concern,) = by_key[FAILED]["concerns"]
    assert (concern["name"], concern["severity"], concern["of_asset"]) == ("scored_dataset", "ERROR", True)
    for one in report["concerns"]:
        concerned = [key for key in report["keys"] if one["name"] in [found["name"] for found in key["concerns"]]]
        assert one["keys"] == len(concerned) == sum(of["keys"] for of in one["by_model"])
    assert all(found["sentence"] for key in report["keys"] for found in key["concerns"])
    assert report["totals"]["failed"] == 1


def test_the_exit_code_is_1_for_failed_keys_and_files_not_taken_and_0_for_all_else(planted: Path) -> None:
    assert status().exit_code == 1
    assert status("--json").exit_code == 1
    assert status("--model", LLAMA).exit_code == 0
    (responses_file(planted / "persona-data", MISSING).parent / "bad name.jsonl").write_text("{}\n", encoding="utf-8")
    assert status("--model", LLAMA).exit_code == 1


def test_a_model_that_is_not_there_is_refused_with_the_one_that_was_meant(planted: Path) -> None:
    result = status("--model", GEMMA.replace("gemma", "gema"))
    assert result.exit_code == 1
    assert f"did you mean {GEMMA}?" in result.output


def test_a_key_without_raw_file_may_still_be_asked_about(planted: Path) -> None:
    shutil.rmtree(planted / "persona-data" / LLAMA)
    report = status_json("--model", LLAMA)
    assert {key["state"] for key in report["keys"]} == {"orphaned"}
    assert {DatasetKey.parse(key["key"]).model for key in report["keys"]} == {LLAMA}
