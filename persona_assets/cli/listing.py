"""``persona-assets list``: what there is, and how it stands."""

import sys
from collections.abc import Sequence

import click

from persona_assets.cli.options import models_option, type_option
from persona_assets.kinds import Kind


@click.command("list")
@type_option(default="both")
@models_option()
@click.option("--table/--keys", "as_table", default=None, help="A table, or keys alone.  [default: as above]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.pass_context
def list_keys(
    context: click.Context, kinds: Sequence[Kind], models: Sequence[str], as_table: bool | None, as_json: bool
) -> None:
    """List every key with its state, rows, scores and tokens.

    A terminal is shown a table. A file or a pipe gets the keys of raw files alone, one a line. On stderr: in which
    layout each model was read, with the number of its keys; and what cannot have a key. Then the exit code is 1.

    Without the raw root, the keys are those of which something was made. The state is that of the catalogue, or of
    the last work on the key if that is newer; 'persona-assets status' compares every key with its raw files.
    """
    from persona_assets.cli.listing_report import Form, report_keys  # pyarrow takes a while to import

    wants_table = sys.stdout.isatty() if as_table is None else as_table
    form = Form.JSON if as_json else Form.TABLE if wants_table else Form.KEYS
    context.exit(report_keys(kinds, models, form))
