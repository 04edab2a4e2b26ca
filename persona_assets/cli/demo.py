"""``persona-assets demo``: run the whole main job on synthetic data, without downloads."""

import click


@click.command()
@click.pass_context
def demo(context: click.Context) -> None:
    """Write a small synthetic corpus into the workspace and materialise everything from it but one new file.

    Three files are faulty on purpose, so that there is something to find. Ends with what to look at, and where.
    """
    from persona_assets.cli.demo_run import run_demo  # Dagster takes seconds to import

    context.exit(run_demo())
