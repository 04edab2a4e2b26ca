"""One file costs its own key, in every command: special files, damaged records, folders that nobody may search.

Commands run in a process of their own with a time limit, for what these files did was to keep it waiting.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.raw_corpus import (
    GEMMA,
    KEYS,
    LLAMA,
    MODELS,
    QWEN,
    responses_file,
    scores_file,
    write_persona,
    write_settings,
)

pytestmark = pytest.mark.campaign

SECONDS = 60
GOOD = (f"{GEMMA}__role__0_default", f"{LLAMA}__role__0_default", f"{QWEN}__role__0_default")
MANIFESTS, STANDINGS, STATISTICS = "persona_manifests", "persona_standings", "persona_token_stats"
DATASETS = "datasets/processed/persona"

PROGRAM = """
import json, os, sys
from click.testing import CliRunner
from persona_assets.cli.commands import commands

def say(command):
    done = CliRunner().invoke(commands, command)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output

*first, nobody = json.loads(sys.argv[1])
said = [say(command) for command in first]
if nobody and os.geteuid() == 0:  # after everything that is imported late
    os.setegid(65534)
    os.seteuid(65534)
    said = [say(command) for command in first]
print(json.dumps(said))
"""


@dataclass(frozen=True)
class Done:
    """What one command said."""

    exit_code: int
    output: str

    @property
    def states(self) -> dict[str, tuple[str, str]]:
        """State and reason of every key that ``status`` names."""
        lines = (line.split(maxsplit=2) for line in self.output.splitlines())
        return {line[1]: (line[0], line[2]) for line in lines if len(line) == 3 and line[1] in KEYS}

    @property
    def failures(self) -> dict[str, str]:
        """Reason by key, as the end of ``generate`` lists them."""
        lines = (line.strip().partition(": ") for line in self.output.splitlines())
        return {key: reason for key, _, reason in lines if key in KEYS}


def run(workspace: Path, *commands: str, as_nobody: bool = False) -> list[Done]:
    """One command after the other, without a traceback, in a process of their own that must end in time."""
    arguments = json.dumps([*(command.split() for command in commands), as_nobody])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, arguments],
        env=os.environ | {"PERSONA_WORKSPACE": str(workspace), "HOME": str(workspace)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return [Done(*said) for said in json.loads(done.stdout.splitlines()[-1])]


def put_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def put_endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.fixture
def special(materialised_workspace: Path) -> dict[str, Path]:
    """A pipe or an endless device in one place of each key but the good ones."""
    root, raw = materialised_workspace, materialised_workspace / "persona-data"
    pipes = {
        (key := f"{GEMMA}__role__pirate"): responses_file(raw, key),
        (key := f"{GEMMA}__trait__blunt"): root / MANIFESTS / f"{key}.json",
        (key := f"{QWEN}__role__bard"): root / DATASETS / f"{key}.parquet",
        (key := f"{QWEN}__role__stoic"): root / DATASETS / key / "train" / "data-00000-of-00001.arrow",
    }
    endless = {
        (key := f"{GEMMA}__role__stoic"): scores_file(raw, key),
        (key := f"{GEMMA}__trait__stoic"): root / STANDINGS / f"{key}.json",
        (key := f"{LLAMA}__role__pirate"): root / STATISTICS / f"{key}.json",
        (key := f"{QWEN}__trait__stoic"): root / "persona_token_plots" / f"{key}.png",
    }
    for path in pipes.values():
        put_pipe(path)
    for path in endless.values():
        put_endless(path)
    return pipes | endless


def test_no_command_waits_for_a_pipe_or_a_device_and_each_names_it(
    materialised_workspace: Path, special: Mapping[str, Path]
) -> None:
    raw_and_records = {key: path for key, path in special.items() if is_raw_or_record(materialised_workspace, path)}
    before, verified, listed, resumed, after = run(
        materialised_workspace, "status", "verify", "list", "generate --resume --workers 1", "status"
    )
    for key, path in special.items():
        state, reason = before.states[key]
        assert state == ("failed" if key in raw_and_records else "stale")
        assert str(path.relative_to(materialised_workspace)) in reason or key not in raw_and_records
    assert [done.exit_code for done in (before, verified, listed, resumed, after)] == [1, 1, 0, 1, 1]
    assert resumed.failures.keys() == raw_and_records.keys()
    for key, path in raw_and_records.items():
        assert str(path) in resumed.failures[key]
        assert "not a regular file" in resumed.failures[key]
    assert {key for key, (state, _) in after.states.items() if state == "failed"} == raw_and_records.keys()
    assert {key for key, (state, _) in after.states.items() if state in ("stale", "missing")} == set()


def is_raw_or_record(workspace: Path, path: Path) -> bool:
    """Whether it is something that no run makes anew over what is there."""
    return path.relative_to(workspace).parts[0] in ("persona-data", MANIFESTS, STANDINGS)


RECORDS = {
    f"{GEMMA}__role__pirate": (MANIFESTS, "[]"),
    f"{GEMMA}__role__stoic": (MANIFESTS, '{"token_stats": {"inputs": [], "outputs": {}, "code": {}}}'),
    f"{GEMMA}__trait__blunt": (MANIFESTS, '{"scored_dataset": null}'),
    f"{GEMMA}__trait__stoic": (MANIFESTS, '{"raw_conversations": {"inputs": {}, "outp'),
    f"{LLAMA}__role__pirate": (MANIFESTS, "[" * 100_000),
    f"{QWEN}__role__bard": (STANDINGS, '{"failure": {"stage": 1}, "checks": {}}'),
    f"{QWEN}__role__stoic": (STANDINGS, '{"failure": null, "checks": {"schema": {"passed": "yes"}, "new": null}}'),
    f"{QWEN}__trait__stoic": (STANDINGS, "null"),
}


def test_a_damaged_record_costs_its_own_key_and_the_advice_mends_it(materialised_workspace: Path) -> None:
    records = {key: materialised_workspace / name / f"{key}.json" for key, (name, _) in RECORDS.items()}
    for key, (_, content) in RECORDS.items():
        records[key].write_text(content, encoding="utf-8")
    before, verified, made = run(materialised_workspace, "status", "verify", "generate --workers 1")
    for key, path in records.items():
        assert before.states[key][0] == "failed"
        assert f"{path} is damaged: " in before.states[key][1]
        assert f"remove it and materialise all assets of {key} again" in before.states[key][1]
    assert not {key for key in GOOD if before.states.get(key, ("passed",))[0] not in ("passed", "warned")}
    assert [done.exit_code for done in (before, verified, made)] == [1, 1, 1]
    assert made.failures.keys() == records.keys()
    catalogue = json.loads((materialised_workspace / "persona_catalogue.json").read_text(encoding="utf-8"))
    assert {key for key, of in catalogue["keys"].items() if of["state"] == "failed"} == records.keys()
    statistics = json.loads((materialised_workspace / "persona_token_stats.json").read_text(encoding="utf-8"))
    assert statistics["datasets"].keys() >= set(GOOD)
    for path in records.values():
        path.unlink()
    made, after, verified = run(materialised_workspace, "generate --workers 1", "status", "verify")
    assert [done.exit_code for done in (made, after, verified)] == [0, 0, 0]
    assert {key for key, (state, _) in after.states.items() if state != "warned"} == set()


def test_a_link_in_a_circle_ends_neither_a_run_with_one_worker_nor_status(workspace_with_corpus: Path) -> None:
    raw = workspace_with_corpus / "persona-data"
    first, second = KEYS[0], f"{GEMMA}__role__pirate"
    for path in (responses_file(raw, first), scores_file(raw, second)):
        path.unlink()
        path.symlink_to(path.name)
    made, after = run(workspace_with_corpus, f"generate --workers 1 --models {GEMMA}", "status")
    assert made.exit_code == 1
    assert made.failures.keys() == {first, second}
    assert str(responses_file(raw, first)) in made.failures[first]
    assert str(scores_file(raw, second)) in made.failures[second]
    assert after.states[first][0] == after.states[second][0] == "failed"


@contextmanager
def everybodys_workspace() -> Iterator[Path]:
    """In a place that every user may enter, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        write_settings(Path(folder), dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
        yield Path(folder)


def test_folders_that_may_not_be_searched_are_named_and_cost_only_what_is_in_them() -> None:
    key, hidden_key, hidden_scores = f"{LLAMA}__role__pirate", f"{GEMMA}__role__pirate", f"{QWEN}__role__stoic"
    with everybodys_workspace() as workspace:
        raw = workspace / "persona-data"
        for one in (key, hidden_key, hidden_scores):
            write_persona(raw, one)
        closed = (
            raw / "lost+found",
            raw / LLAMA / "traits_240",
            responses_file(raw, hidden_key).parent,
            scores_file(raw, hidden_scores).parent,
        )
        for folder in closed:
            folder.mkdir(exist_ok=True)
            folder.chmod(0)
        try:
            listed, status = run(workspace, "list", "status", as_nobody=True)
        finally:
            for folder in closed:
                folder.chmod(0o755)
    assert (listed.exit_code, status.exit_code) == (1, 1)
    for folder in closed:
        assert f"{folder}: cannot be listed: Permission denied" in listed.output
        assert f"{folder}: cannot be listed: Permission denied" in status.output
    assert {line for line in listed.output.splitlines() if line in KEYS} == {key, hidden_scores}
    assert status.states[key][0] == "missing"
    assert status.states[hidden_scores] == (
        "failed",
        f"{scores_file(raw, hidden_scores)} cannot be read: Permission denied; "
        "check the file, its disk and its permissions",
    )
    assert "2 raw files, 4 files and folders not taken" in status.output
