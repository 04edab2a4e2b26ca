"""The program: its commands, loaded when they are asked for. They are thin: they select keys, call the package and
report.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click

from persona_assets.cli.registry import COMMANDS
from persona_assets.cli.signals import describe_stop
from persona_assets.errors import PersonaAssetsError


class _CommandsOnDemand(MutableMapping[str, click.Command]):
    """Commands by name. The module of one is imported when the command is looked up; names alone import nothing."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places, self._loaded = dict(places), dict[str, click.Command]()

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, attribute = self._places[name].split(":")
            self._loaded[name] = getattr(import_module(module), attribute)
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command
        self._places[name] = ""

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class _Program(click.Group):
    def invoke(self, context: click.Context) -> object:
        """Report the package's errors as one message instead of a traceback."""
        try:
            return super().invoke(context)
        except PersonaAssetsError as error:
            raise click.ClickException(str(error)) from error
        except KeyboardInterrupt:  # click would turn it into exit code 1
            click.echo(describe_stop(), err=True)
            raise click.exceptions.Exit(1) from None


@click.group(cls=_Program, commands=_CommandsOnDemand(COMMANDS))
@click.version_option(package_name="persona_assets")
def commands() -> None:
    """Turn raw persona conversations into datasets, Parquet, token statistics and histograms, through Dagster.

    Settings come from PERSONA_* environment variables and persona_assets.toml in the workspace.
    """
