"""``persona-assets status`` and ``verify``: show the state of every key, and check its bytes."""

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from persona_assets.cli.result_tables import print_unfit
from persona_assets.collection.byte_comparison import verify
from persona_assets.collection.catalogue import count_by_model
from persona_assets.collection.survey import State, survey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace


@click.command()
def status() -> None:
    """Compare every key with the current raw files, settings and code, and list raw files that were not taken.

    Makes nothing.
    """
    settings, console = load_settings(), Console()
    inventory = discover(RawCorpus.of(settings))
    surveyed = survey(settings, inventory)
    table = Table(padding=(0, 0, 0, 1))
    for column in ("model", "type", "raw", *(state.value for state in State)):
        table.add_column(column, no_wrap=True)
    for counts in count_by_model(surveyed, inventory):
        states = (f"{getattr(counts, state):,}" for state in State)
        table.add_row(counts.model, counts.type, f"{counts.raw_files:,}", *states)
    console.print(table)
    for found in surveyed.of(*(state for state in State if state is not State.PASSED)):
        console.print(f"{found.state:<9} {found.key}  {escape(found.reason)}", soft_wrap=True)
    print_unfit(console, inventory)
    counted = f"{len(inventory.keys):,} raw files, {len(inventory.unfit):,} files and folders not taken"
    console.print(f"{counted}: {escape(str(inventory.root))}", soft_wrap=True)


@click.command("verify")
@click.pass_context
def verify_outputs(context: click.Context) -> None:
    """Compare every output, byte for byte, with its manifest. Exits with 1 on any difference."""
    settings, console = load_settings(), Console()
    result = verify(Workspace.of(settings), settings.workers)
    for damage in result.damages:
        console.print(f"[red]not as recorded[/] {escape(str(damage))}", soft_wrap=True)
    if result.caches:
        files = f"{result.caches:,} cache file{'s' * (result.caches != 1)} of the datasets library"
        console.print(f"{files}, {result.cache_bytes / 1e6:,.1f} MB, left alone")
    console.print(
        f"{result.keys:,} keys, {result.files:,} files, {result.size_bytes:,} bytes as recorded; "
        f"{len(result.damages):,} problems"
    )
    context.exit(1 if result.damages else 0)
