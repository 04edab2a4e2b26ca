"""Commands are loaded when they are asked for, so that help and completion do not wait for what does the work."""

import subprocess
import sys

import click
import pytest

from persona_assets.cli.commands import commands
from persona_assets.cli.registry import COMMANDS

HEAVY = ("dagster", "pyarrow", "numpy", "pandas", "datasets", "transformers", "duckdb", "sqlalchemy", "matplotlib")

IMPORTED_FOR_HELP = f"""
import sys
from click.testing import CliRunner
from persona_assets.cli.commands import commands
for name in sys.argv[1:]:
    done = CliRunner().invoke(commands, [*name.split(), "--help"])
    assert done.exit_code == 0, done.output
print([name for name in {HEAVY} if name in sys.modules])
"""


def list_every_command() -> list[str]:
    """The program itself as an empty name, its commands, and the commands of those that are groups."""
    found = [""]
    for name in COMMANDS:
        command = commands.commands[name]
        found.append(name)
        found += [f"{name} {own}" for own in command.commands] if isinstance(command, click.Group) else []
    return found


def test_the_help_of_every_command_imports_nothing_heavy() -> None:
    code = [sys.executable, "-c", IMPORTED_FOR_HELP, *list_every_command()]
    done = subprocess.run(code, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_looking_at_the_names_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys; from persona_assets.cli.commands import commands; sorted(commands.commands); "
        "print('persona_assets.cli.generate' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_called_as_it_is_registered(name: str) -> None:
    command = commands.commands[name]
    assert command.name == name
    assert command.get_short_help_str()


def test_registered_names_are_sorted_so_that_one_is_found_and_added_in_one_place() -> None:
    assert list(COMMANDS) == sorted(COMMANDS)
