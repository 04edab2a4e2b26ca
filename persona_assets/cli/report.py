"""``persona-assets report``: build the report and say where it is. ``dev`` serves it beside the UI."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from persona_assets.errors import PersonaAssetsError
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace

SECONDS_TO_END = 5.0


@click.command()
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
def report(open_it: bool) -> None:
    """Build the report: a static site to read what there is, how good it is, and the conversations themselves.

    Only pages of keys that have changed are made again. Updates the catalogue and the files about all keys too. The
    pages need no server; 'persona-assets dev' serves them as well.
    """
    from persona_assets.cli.refreshing import refresh  # Dagster takes seconds to import

    workspace = Workspace.of(load_settings())
    refresh(workspace)
    address = (workspace.report / "index.html").as_uri()
    click.echo(address)
    if open_it:
        click.launch(address)


@contextmanager
def serve_report(workspace: Workspace, port: int) -> Iterator[str]:
    """Serve the report on loopback in another process, which ends with the block, or with this process.

    Yields its address: that of ``port``, or of a free port if ``port`` is taken.
    """
    command = [sys.executable, "-m", "persona_assets.report.serving", str(workspace.root), str(port)]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield f"http://127.0.0.1:{_read_port(server)}/"
    finally:
        _end(server)


def _read_port(server: subprocess.Popen[str]) -> int:
    line = server.stdout.readline() if server.stdout else ""
    if not line.strip().isdigit():
        raise PersonaAssetsError("the report cannot be served; see the error above")
    return int(line)


def _end(server: subprocess.Popen[str]) -> None:
    for pipe in (server.stdin, server.stdout):
        if pipe:
            pipe.close()
    try:
        server.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
