"""All commands. They are thin: they select keys, call the package and report."""

import click

from persona_assets.cli.compare import compare
from persona_assets.cli.create import create
from persona_assets.cli.demo import demo
from persona_assets.cli.export import export
from persona_assets.cli.generate import generate
from persona_assets.cli.listing import list_keys
from persona_assets.cli.report import report
from persona_assets.cli.retire import restore_keys, retire_keys
from persona_assets.cli.signals import describe_stop
from persona_assets.cli.status import status, verify_outputs
from persona_assets.cli.ui import dev
from persona_assets.errors import PersonaAssetsError


class _Group(click.Group):
    def invoke(self, context: click.Context) -> object:
        """Report the package's errors as one message instead of a traceback."""
        try:
            return super().invoke(context)
        except PersonaAssetsError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:  # click would turn it into exit code 1
            click.echo(describe_stop(), err=True)
            raise click.exceptions.Exit(1) from None


@click.group(cls=_Group)
@click.version_option(package_name="persona_assets")
def commands() -> None:
    """Turn raw persona conversations into datasets, Parquet, token statistics and histograms, through Dagster.

    Settings come from PERSONA_* environment variables and persona_assets.toml in the workspace.
    """


for command in (
    demo,
    list_keys,
    create,
    generate,
    status,
    verify_outputs,
    compare,
    report,
    export,
    retire_keys,
    restore_keys,
    dev,
):
    commands.add_command(command)
