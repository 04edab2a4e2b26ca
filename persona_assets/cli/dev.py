"""``persona-assets dev``: start the Dagster UI with the same home as every other command."""

import click

from persona_assets.cli.ports import DEFAULT_HOST, DEFAULT_PORT


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address on which the UI listens.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: any free port."
)
@click.pass_context
def dev(context: click.Context, host: str, port: int) -> None:
    """Open the Dagster UI and start the daemon that runs backfills, schedules and sensors.

    New raw files are registered first. Ctrl-C or SIGTERM ends all of it.
    """
    from persona_assets.cli.ui import serve  # Dagster takes seconds to import

    context.exit(serve(host, port))
