"""``show``: the conversations asked for, readable, and harmless whatever they contain."""

import json
import re
from pathlib import Path

import pytest

from persona_assets.cli.showing import make_safe
from persona_assets_tests.command_line import call
from persona_assets_tests.commands import persona_assets
from persona_assets_tests.plain_reading import plain_rows, plain_variant
from persona_assets_tests.raw_corpus import GEMMA, QWEN

PIRATE = f"{GEMMA}__role__pirate"
STOIC = f"{QWEN}__trait__stoic"
EVERY = ("--sample", "1000")
_HEAD = re.compile(r"^\S+__\S+  row ([\d,]+)$")


def rows_shown(*arguments: str) -> list[int]:
    done = call("show", *arguments)
    assert done.exit_code == 0, done.output
    return [int(match[1]) for line in done.stdout.splitlines() if (match := _HEAD.match(line))]


def test_exactly_the_rows_asked_for_are_shown(materialised_workspace: Path) -> None:
    rows = plain_rows(materialised_workspace / "persona-data", STOIC)
    asked = {
        "--label": "label",
        "--prompt": "prompt_index",
        "--question": "question_index",
        "--score": "extract_score",
    }
    some = next(row for row in rows if row["extract_score"] is not None)
    for option, column in asked.items():
        expected = [place for place, row in enumerate(rows) if row[column] == some[column]]
        assert rows_shown(STOIC, option, str(some[column]), *EVERY) == expected


def test_a_variant_shows_its_rows_alone(materialised_workspace: Path) -> None:
    rows = plain_rows(materialised_workspace / "persona-data", STOIC)
    for variant in ("neg", "max49__pos", "min20__max80"):
        expected = [rows.index(row) for row in plain_variant(rows, variant)]
        assert expected
        assert rows_shown(f"{STOIC}__{variant}", *EVERY) == expected


def test_the_same_seed_draws_the_same_rows_and_another_seed_others(materialised_workspace: Path) -> None:
    draws = [rows_shown(STOIC, "--sample", "3", "--seed", seed) for seed in ("1", "1", "2", "3", "4")]
    assert all(len(drawn) == 3 == len(set(drawn)) for drawn in draws)
    assert draws[0] == draws[1]
    assert len({tuple(drawn) for drawn in draws}) > 1


def test_a_row_is_shown_with_its_score_cell_tokens_and_every_message(materialised_workspace: Path) -> None:
    rows = plain_rows(materialised_workspace / "persona-data", PIRATE)
    row = next(row for row in rows if row["extract_score"] == 3 and row["messages"][-1]["content"].isascii())
    cell = ["--label", row["label"], "--prompt", str(row["prompt_index"]), "--question", str(row["question_index"])]
    shown = call("show", PIRATE, *cell, *EVERY).stdout
    assert f"{row['label']}  score 3  prompt {row['prompt_index']}  question {row['question_index']}" in shown
    assert re.search(r"  [\d,]+ tokens, [\d,]+ of the answer$", shown, re.MULTILINE)
    for message in row["messages"]:
        assert f"[{message['role']}]\n{message['content']}" in shown


def test_no_row_that_fits_is_answered_with_what_there_is(materialised_workspace: Path) -> None:
    done = call("show", PIRATE, "--score", "9")
    assert done.exit_code == 1
    assert "has extract_score 9; in" in done.stdout
    assert "extract_score is 0" in done.stdout


def test_a_misspelt_key_is_answered_with_the_key(materialised_workspace: Path) -> None:
    for wrong in (f"{GEMMA}__role__pirat", f"{GEMMA}_role_pirate"):
        done = call("show", wrong)
        assert done.exit_code == 1
        assert f"did you mean {PIRATE}" in done.stderr
    assert f"did you mean {GEMMA}?" in call("show", "gemma-27b__role__pirate").stderr


def test_what_was_not_made_is_said(workspace_with_corpus: Path) -> None:
    done = call("show", PIRATE)
    assert done.exit_code == 1
    assert f"nothing was made of {PIRATE}" in done.stderr


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("\x9b2J", "\\x9b2J"),
        ("bell\x07 and\rreturn", "bell\\x07 and\\rreturn"),
        ("\u202eright to left", "\\u202eright to left"),
        ("a\u200bb\u2028c", "a\\u200bb\\u2028c"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("👩\u200d🔬 道 é", "👩\u200d🔬 道 é"),
        ("[bold red]no markup[/] :smile:", "[bold red]no markup[/] :smile:"),
        ("half \ud800", "half \\ud800"),
    ],
)
def test_control_characters_are_shown_as_escapes_and_nothing_else_is_changed(raw: str, shown: str) -> None:
    assert make_safe(raw) == shown


def test_hostile_answers_reach_the_terminal_as_text(workspace_with_corpus: Path) -> None:
    path = workspace_with_corpus / "persona-data" / GEMMA / "roles_240" / "responses" / "pirate.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    for line in lines:
        line["conversation"][-1]["content"] = "\x1b]0;owned\x07[red]x[/red] :boom:"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    asked = ("create", "--type", "role", "--model", GEMMA, "--name", "pirate")
    done = persona_assets(workspace_with_corpus.parent, *asked)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = call("show", PIRATE, "--sample", "2").stdout
    assert shown.count("\\x1b]0;owned\\x07[red]x[/red] :boom:") == 2
    assert "\x1b" not in shown
