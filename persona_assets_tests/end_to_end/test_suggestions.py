"""What a command says to a name that there is not, and to either name of a kind."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from persona_assets.cli.commands import commands
from persona_assets_tests.commands import persona_assets
from persona_assets_tests.raw_corpus import GEMMA, KEYS, LLAMA, QWEN, responses_file


def call(*arguments: str, answer: str | None = None) -> Result:
    result = CliRunner().invoke(commands, arguments, input=answer)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def error_of(*arguments: str) -> str:
    result = call(*arguments)
    assert result.exit_code == 1
    (message,) = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    return message


def test_a_misspelt_persona_is_answered_with_those_of_the_same_model_and_kind(workspace_with_corpus: Path) -> None:
    message = error_of("create", "--type", "role", "--model", GEMMA, "--name", "Pirat")
    assert f"{GEMMA}__role__Pirat has no raw file" in message
    assert "did you mean pirate?" in message


def test_a_misspelt_model_is_answered_with_the_model(workspace_with_corpus: Path) -> None:
    message = error_of("create", "--type", "role", "--model", "gemma-27b", "--name", "pirate")
    assert f"did you mean {GEMMA}?" in message
    for command in ("list", "generate"):
        assert f"did you mean {GEMMA}?" in error_of(command, "--models", "gemma-27b")


def test_a_persona_of_another_kind_is_named(workspace_with_corpus: Path) -> None:
    message = error_of("create", "--type", "trait", "--model", GEMMA, "--name", "pirate")
    assert f"there is {GEMMA}__role__pirate" in message


def test_a_name_like_no_other_gets_no_suggestion(workspace_with_corpus: Path) -> None:
    message = error_of("create", "--type", "role", "--model", GEMMA, "--name", "xylophonist")
    assert "did you mean" not in message


def test_a_model_without_traits_is_said_to_have_none(workspace_with_corpus: Path) -> None:
    assert error_of("list", "--type", "traits", "--model", LLAMA) == f"Error: {LLAMA} has no traits, only 2 roles"
    for model in (GEMMA, QWEN):
        shutil.rmtree(workspace_with_corpus / "persona-data" / model)
    assert error_of("list", "--type", "traits").endswith("persona-data has no traits, only 2 roles")


@pytest.mark.parametrize("kind", ["role", "trait"])
def test_a_kind_may_be_given_by_either_of_its_names(workspace_with_corpus: Path, kind: str) -> None:
    expected = [key for key in KEYS if f"__{kind}__" in key]
    for name in (kind, f"{kind}s"):
        assert call("list", "--type", name).stdout.splitlines() == expected
        assert call("status", "--type", name).exit_code == 0
        refused = call("create", "--type", name, "--model", GEMMA, "--name", "nobody")
        assert f"{GEMMA}__{kind}__nobody has no raw file" in refused.output


def test_a_kind_that_there_is_not_is_refused_with_those_there_are(workspace_with_corpus: Path) -> None:
    refused = call("list", "--type", "person")
    assert refused.exit_code == 2
    assert "'person' is none of roles, traits, both" in refused.output
    assert call("create", "--type", "both", "--model", GEMMA, "--name", "pirate").exit_code == 2


def test_analyze_before_anything_is_made_says_what_to_do(workspace_with_corpus: Path) -> None:
    message = error_of("analyze")
    assert "there is nothing to analyze" in message
    assert "'persona-assets generate'" in message


def test_a_kind_that_is_misspelt_is_answered_with_the_kind(workspace_with_corpus: Path) -> None:
    refused = call("list", "--type", "rols")
    assert refused.exit_code == 2
    assert "did you mean roles?" in refused.output


def test_a_command_or_option_that_is_misspelt_is_answered_with_its_name() -> None:
    for arguments, meant in ((("generat",), "generate"), (("list", "--modle", "x"), "--model")):
        refused = call(*arguments)
        assert refused.exit_code == 2
        assert meant in refused.output.splitlines()[-1]


def test_a_label_that_is_misspelt_is_answered_with_the_label(workspace_with_corpus: Path) -> None:
    asked = ("create", "--type", "trait", "--model", GEMMA, "--name", "stoic", "--label-filter", "Positive")
    assert "variant 'Positive' does not fit traits" in error_of(*asked)
    assert error_of(*asked).endswith("did you mean pos?")


def test_retire_refuses_before_it_asks(materialised_workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONA_RETIRE_SHARE", "1")
    key = f"{GEMMA}__role__pirate"
    with_raw_file = call("retire", key, answer="y\n")
    unknown = call("retire", f"{GEMMA}__role__pirat", answer="y\n")
    responses_file(materialised_workspace / "persona-data", key).unlink()
    (materialised_workspace / "persona_retired.jsonl").mkdir()
    without_record = call("retire", key, answer="y\n")
    assert "still has its raw file" in with_raw_file.output
    assert f"did you mean {key}?" in unknown.output
    assert "persona_retired.jsonl" in without_record.output
    for refused in (with_raw_file, unknown, without_record):
        assert refused.exit_code == 1
        assert "[y/N]" not in refused.output
        assert "Traceback" not in refused.output


def test_a_variant_that_came_out_empty_is_said(workspace_with_corpus: Path) -> None:
    key = f"{LLAMA}__role__0_default"
    model, kind, name = key.split("__")
    asked = ["--type", kind, "--model", model, "--name", name]
    done = persona_assets(workspace_with_corpus.parent, "create", *asked, "--min-score", "2")
    assert done.returncode == 0
    said = "is empty for 1 key, because no row passes, and not written"
    assert f"variant min2 {said}: {key}" in done.stdout.splitlines()
    assert "(empty)" in done.stdout
