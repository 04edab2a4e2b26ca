"""The Dagster UI, its daemon and the report as one program."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import click
import dagster as dg

from persona_assets.cli.ports import (
    answers,
    check_listeners,
    check_port,
    find_free_port,
    format_address,
)
from persona_assets.cli.report import serve_report
from persona_assets.cli.signals import describe_stop, received_signal, run_undisturbed
from persona_assets.cli.supervisor import Supervisor
from persona_assets.dagster_defs.collection_assets import register_without_run
from persona_assets.dagster_defs.partitions import register
from persona_assets.dagster_runtime.code_location import CODE_LOCATION
from persona_assets.dagster_runtime.instance import describe_cost_of_home, open_instance
from persona_assets.errors import RawDataError, SettingsError
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.setting_names import ENV_PREFIX, SETTINGS_FILE
from persona_assets.settings import Settings, load_settings
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets.workspace import Workspace

_NOT_SAID = "ignore:Function `dev_command` is superseded"
"""Dagster recommends another command to whoever types this one, which nobody does here."""
_COMMAND = (sys.executable, "-W", _NOT_SAID, "-m", "dagster", "dev", "-m", CODE_LOCATION, "--log-level", "warning")


def serve(host: str, port: int) -> int:
    """Serve the UI and the report until a signal ends them; return the exit code."""
    check_port(host, port)
    port = port or find_free_port(host)
    settings = load_settings()
    workspace = Workspace.of(settings)
    refuse_unknown_workspace(workspace)
    click.echo(f"Dagster UI  {format_address(host, port)}  (starting)")
    run_undisturbed(lambda: prepare(settings))
    if received_signal():
        click.echo(describe_stop(), err=True)
        return 1
    server = Supervisor([*_COMMAND, "--host", host, "--port", str(port)], _choose_environment(settings))
    with serve_report(workspace, settings.report_port) as report:
        click.echo(f"report      {report}")
        code = server.run(_Look(host, port))
    if code is None:
        return 0
    raise click.ClickException(f"'dagster dev' ended unexpectedly (exit code {code}); see its output above")


def refuse_unknown_workspace(workspace: Workspace) -> None:
    """Refuse a folder that no command has worked in, which is probably not the one meant.

    Raises:
        SettingsError: with how to name another, or make it a workspace.
    """
    raw_data = [workspace.raw_root] if workspace.raw_root.is_relative_to(workspace.root) else []
    made = [folder for folder, _ in workspace.records]
    if not any(path.exists() for path in (workspace.root / SETTINGS_FILE, workspace.dagster_home, *raw_data, *made)):
        raise SettingsError(
            f"{workspace.root} is not a workspace yet: it has no {SETTINGS_FILE}, no raw data and no outputs; set "
            f"{ENV_PREFIX}WORKSPACE to the right folder, or put a {SETTINGS_FILE}, even an empty one, into this one"
        )


def prepare(settings: Settings) -> None:
    """Make Dagster's home ready, register the raw files found, and say what there is."""
    workspace = Workspace.of(settings)
    with open_instance(workspace) as instance:
        click.echo(f"workspace   {workspace.root}, Dagster home {instance.root_directory}")
        if cost := describe_cost_of_home(instance, workspace):
            click.echo(cost)
        click.echo(f"raw files   {_register_raw_files(instance, settings)}")
        register(instance, settings.training_sets, BY_SET)


def _register_raw_files(instance: dg.DagsterInstance, settings: Settings) -> str:
    """Register the keys found, and say in one line how many there are."""
    root = settings.raw_root
    if not root.is_dir():
        return f"none: there is no folder {root} (setting {ENV_PREFIX}DATA_ROOT)"
    try:
        inventory = discover(RawCorpus.of(settings))
    except RawDataError as error:
        return str(error)
    new = register_without_run(instance, inventory)
    unfit = f"; {len(inventory.unfit):,} not taken" if inventory.unfit else ""
    if not inventory.keys:
        place = f"{root} (setting {ENV_PREFIX}DATA_ROOT)"
        return f"none in {place}{unfit}; 'persona-assets list' says what is looked for"
    return f"{len(inventory.keys):,} in {root}, {len(new):,} newly registered{unfit}"


def _choose_environment(settings: Settings) -> Mapping[str, str]:
    """Without the current folder among those that modules are imported from."""
    return {**os.environ, f"{ENV_PREFIX}WORKSPACE": str(settings.workspace), "PYTHONSAFEPATH": "1"}


@dataclass
class _Look:
    """Looks after the server: refuses a port taken by another program, and says once that the UI answers."""

    host: str
    port: int
    ready: bool = False

    def __call__(self, group: int) -> bool:
        check_listeners(self.host, self.port, group)
        if not self.ready and answers(self.host, self.port):
            self.ready = True
            click.echo(f"ready       {format_address(self.host, self.port)}  (Ctrl-C ends it)")
        return self.ready
