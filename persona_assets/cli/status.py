"""``persona-assets status`` and ``verify``: show the state of every key, and check its bytes."""

from collections.abc import Sequence

import click

from persona_assets.cli.options import models_option, type_option
from persona_assets.kinds import Kind


@click.command()
@type_option(default="both")
@models_option()
@click.option("--failed", is_flag=True, help="List failed keys only.")
@click.option("--warned", is_flag=True, help="List warned keys only; with --failed, these as well.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.pass_context
def status(
    context: click.Context, kinds: Sequence[Kind], models: Sequence[str], failed: bool, warned: bool, as_json: bool
) -> None:
    """Compare every key with the current raw files, settings and code, and list raw files that were not taken.

    Makes nothing. Exits with 1 if a key is failed or a file was not taken; with 0 otherwise, also where keys are
    missing, stale or warned.
    """
    from persona_assets.cli.status_report import report_status  # pyarrow takes a while to import

    context.exit(report_status(kinds, models, failed=failed, warned=warned, as_json=as_json))


@click.command("verify")
@click.pass_context
def verify_outputs(context: click.Context) -> None:
    """Compare every output, byte for byte, with its manifest. Exits with 1 on any difference."""
    from persona_assets.cli.verifying import verify_all  # pyarrow takes a while to import

    context.exit(verify_all())
