"""The help pages as ``docs/help.md`` holds them. Renew that file with

python -m persona_assets_tests.docs.help_pages
"""

import click

from persona_assets.cli.commands import commands
from persona_assets_tests.docs import ROOT

FILE = ROOT / "docs" / "help.md"
WIDTH = 100
_HEADER = """# Help pages

What `persona-assets COMMAND --help` prints.
"""


def help_pages() -> str:
    context = click.Context(commands, info_name="persona-assets", terminal_width=WIDTH, max_content_width=WIDTH)
    pages = [_page("persona-assets", commands.get_help(context))]
    for name in sorted(commands.list_commands(context)):
        command = commands.commands[name]
        below = click.Context(command, info_name=name, parent=context, terminal_width=WIDTH, max_content_width=WIDTH)
        pages.append(_page(f"persona-assets {name}", command.get_help(below)))
    return "\n".join([_HEADER, *pages])


def _page(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text}\n```\n"


if __name__ == "__main__":
    FILE.write_text(help_pages(), encoding="utf-8")
