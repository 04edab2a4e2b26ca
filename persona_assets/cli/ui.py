"""``persona-assets dev``: the Dagster UI over the same home as every other command."""

import os
import sys
from pathlib import Path

import click

from persona_assets.dagster_defs.instance import open_instance
from persona_assets.settings import ENV_PREFIX, load_settings
from persona_assets.workspace import Workspace


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the UI listens on.")
@click.option("--port", type=click.IntRange(0, 65535), default=3000, show_default=True)
def dev(host: str, port: int) -> None:
    """Open the Dagster UI and start the daemon that runs backfills, schedules and sensors."""
    settings = load_settings()
    with open_instance(Workspace.of(settings)) as instance:
        home = instance.root_directory
    os.environ[f"{ENV_PREFIX}WORKSPACE"] = str(settings.workspace)
    click.echo(f"workspace {settings.workspace}, Dagster home {home}")
    dagster = Path(sys.executable).parent / "dagster"
    command = [str(dagster), "dev", "-m", "persona_assets.definitions", "--host", host, "--port", str(port)]
    os.execv(dagster, command)
