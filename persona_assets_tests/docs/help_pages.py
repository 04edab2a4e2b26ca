"""The help pages of all commands as one Markdown page. Renew docs/help.md with

python -m persona_assets_tests.docs.help_pages
"""

from collections.abc import Iterator

import click
from click.testing import CliRunner

from persona_assets.cli.commands import commands
from persona_assets_tests.docs import DOCS

HELP_PAGE = DOCS / "help.md"
PROGRAM = "persona-assets"
WIDTH = 100
"""Characters in a line, whatever the terminal has."""
_INTRODUCTION = """# Help pages

What every command prints with `--help`. This page is generated; renew it with
`python -m persona_assets_tests.docs.help_pages`.
"""


def render_help_pages() -> str:
    sections = [f"## {' '.join(command)}\n\n```text\n{_render(command)}```\n" for command in list_commands()]
    return "\n".join([_INTRODUCTION, *sections])


def list_commands() -> Iterator[tuple[str, ...]]:
    """The program, and each of its commands, as they are typed."""
    yield from _list_below((PROGRAM,), commands)


def _list_below(typed: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
    yield typed
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            yield from _list_below((*typed, name), inner)


def _render(command: tuple[str, ...]) -> str:
    program, *arguments = command
    result = CliRunner().invoke(commands, [*arguments, "--help"], prog_name=program, terminal_width=WIDTH)
    assert result.exit_code == 0, result.output
    return result.output


if __name__ == "__main__":
    HELP_PAGE.write_text(render_help_pages(), encoding="utf-8")
