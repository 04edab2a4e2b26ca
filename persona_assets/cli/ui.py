"""``persona-assets dev``: start the Dagster UI with the same home as every other command."""

import os
import sys
from pathlib import Path

import click

from persona_assets.cli.ports import check_listeners, check_port
from persona_assets.cli.report import serve_report
from persona_assets.cli.supervisor import Supervisor
from persona_assets.dagster_runtime.instance import describe_cost_of_home, open_instance
from persona_assets.setting_names import ENV_PREFIX
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address on which the UI listens.")
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True)
@click.pass_context
def dev(context: click.Context, host: str, port: int) -> None:
    """Open the Dagster UI and start the daemon that runs backfills, schedules and sensors."""
    check_port(host, port)
    settings = load_settings()
    workspace = Workspace.of(settings)
    with open_instance(workspace) as instance:
        home, cost = instance.root_directory, describe_cost_of_home(instance, workspace)
    click.echo(f"workspace {settings.workspace}, Dagster home {home}")
    if cost:
        click.echo(cost)
    command = [str(Path(sys.executable).parent / "dagster"), "dev", "-m", "persona_assets.definitions"]
    environment = {**os.environ, f"{ENV_PREFIX}WORKSPACE": str(settings.workspace)}
    with serve_report(workspace, settings.report_port) as report:
        click.echo(f"report {report}")
        code = Supervisor([*command, "--host", host, "--port", str(port)], environment).run(
            lambda group: check_listeners(host, port, group)
        )
    if code is None:
        context.exit(0)
    raise click.ClickException(f"'dagster dev' ended unexpectedly (exit code {code}); see its output above")
