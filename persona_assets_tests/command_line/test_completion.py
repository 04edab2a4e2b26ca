"""What a shell offers: commands, options, keys and models; and the scripts that make it ask."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from persona_assets.cli.completion import SHELLS, VARIABLE
from persona_assets.cli.registry import COMMANDS
from persona_assets_tests.command_line import call
from persona_assets_tests.commands import PROGRAM
from persona_assets_tests.raw_corpus import GEMMA, KEYS, MODELS


def complete(*words: str) -> list[str]:
    """What the installed program offers for the last of these words."""
    asked = {
        VARIABLE: "bash_complete",
        "COMP_WORDS": " ".join(("persona-assets", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [PROGRAM], env={**os.environ, **asked}, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return [line.split(",", 1)[1] for line in done.stdout.splitlines() if line]


def test_commands_and_options_are_offered(workspace: Path) -> None:
    assert complete("") == list(COMMANDS)
    assert complete("li") == ["list"]
    assert complete("show", "--s") == ["--score", "--sample", "--seed"]


def test_keys_are_offered_where_a_key_is_expected(materialised_workspace: Path) -> None:
    expected = [key for key in KEYS if key.startswith(f"{GEMMA}__trait")]
    assert complete("show", f"{GEMMA}__trait") == expected
    assert complete("retire", f"{GEMMA}__trait") == expected
    assert complete("show", "nobody") == []


def test_models_kinds_and_personas_are_offered(materialised_workspace: Path) -> None:
    assert complete("list", "--model", "") == list(MODELS)
    assert complete("list", "--type", "") == ["roles", "traits", "both"]
    asked = ("create", "--type", "trait", "--model", GEMMA, "--name", "")
    assert complete(*asked) == ["blunt", "stoic"]


def test_models_are_offered_before_anything_is_made(workspace_with_corpus: Path) -> None:
    assert complete("generate", "--models", "q") == ["qwen-3-32b"]


def test_nothing_is_offered_and_nothing_said_where_settings_cannot_be_used(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_WORKERS", "many")
    assert complete("show", "") == []


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_each_shell_asks_the_program(shell: str) -> None:
    done = call("completion", shell)
    assert done.exit_code == 0
    assert f"{VARIABLE}={shell}_complete" in done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_can_read_its_script(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    script = tmp_path / "script"
    script.write_text(call("completion", shell).stdout, encoding="utf-8")
    subprocess.run([shell, "-n", script], check=True, timeout=60)


def test_another_shell_is_refused_with_those_there_are() -> None:
    done = call("completion", "tcsh")
    assert done.exit_code == 2
    assert all(shell in done.output for shell in SHELLS)
