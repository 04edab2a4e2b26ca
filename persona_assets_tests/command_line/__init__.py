"""The commands: what they print, what they offer, and what they answer to what they are told."""

from click.testing import CliRunner, Result

from persona_assets.cli.commands import commands


def call(*arguments: str) -> Result:
    """Run a command in this process; it may not end in a traceback."""
    result = CliRunner().invoke(commands, arguments)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result
