"""The help pages are those that the program prints, and the papers name only commands and options that there are."""

import difflib
import re
from pathlib import Path

import click
import pytest

from persona_assets.cli.commands import commands
from persona_assets_tests.docs import DOCS, PAGES, find_table_entries, read_page
from persona_assets_tests.docs.help_pages import HELP_PAGE, list_commands, render_help_pages

_COMMAND = re.compile(r"persona-assets (?P<rest>[a-z][^`\n#]*)")
_OPTION = re.compile(r"--[a-z-]+")
_WRITTEN_BY_THE_PROGRAM = {"--help"}


def test_the_help_pages_are_those_that_the_program_prints() -> None:
    recorded, current = read_page(HELP_PAGE), render_help_pages()
    difference = difflib.unified_diff(
        recorded.splitlines(), current.splitlines(), "docs/help.md", "persona-assets", lineterm=""
    )
    if recorded != current:
        pytest.fail(
            "the help pages have changed; run 'python -m persona_assets_tests.docs.help_pages'\n"
            + "\n".join(difference),
            pytrace=False,
        )


def test_every_command_is_in_the_table_of_commands() -> None:
    named = find_table_entries(read_page(DOCS / "using.md"))
    described = {" ".join(entry.split()[:length]) for entry in named for length in (2, 3)}
    assert {" ".join(command) for command in list_commands() if len(command) > 1} <= described


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_named_exists(page: Path) -> None:
    unknown = []
    for match in _COMMAND.finditer(read_page(page)):
        command = find_command(re.findall(r"[a-z][a-z-]*", match["rest"]))
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} if command else set()
        if not command or not set(_OPTION.findall(match["rest"])) <= known | _WRITTEN_BY_THE_PROGRAM:
            unknown.append(match[0])
    assert unknown == []


def find_command(words: list[str]) -> click.Command | None:
    """The command that ``words`` begin with, or its last group."""
    found: click.Command | None = commands
    for word in words:
        if not isinstance(found, click.Group):
            break
        found = found.commands.get(word, found if found is not commands else None)
    return found
