"""``persona-assets retire``: remove keys whose raw file is gone."""

from collections.abc import Sequence

import click
from rich.console import Console

from persona_assets.corpus.retirement import orphaned_keys, retire
from persona_assets.dagster_defs.instance import open_instance
from persona_assets.dagster_defs.partitions import registered_keys, unregister
from persona_assets.errors import MissingInputError, SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace


@click.command("retire")
@click.argument("names", metavar="KEY...", nargs=-1)
@click.option("--orphaned", is_flag=True, help="Every key whose raw file is gone.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def retire_keys(names: Sequence[str], orphaned: bool, yes: bool) -> None:
    """Remove all outputs of KEY and its partition. The raw file must be gone already.

    What was removed, with the hash of every file, is written to persona_retired.jsonl first.
    """
    if bool(names) == orphaned:
        raise SettingsError("name the keys to retire, or give --orphaned")
    workspace, console = Workspace.of(load_settings()), Console()
    with open_instance(workspace) as instance:
        known = registered_keys(instance)
        on_disk = orphaned_keys(workspace)
        keys = on_disk if orphaned else [DatasetKey.parse(name) for name in names]
        if unknown := [str(key) for key in keys if key not in on_disk and str(key) not in known]:
            raise MissingInputError(f"{', '.join(unknown)}: no output and no partition; see 'persona-assets status'")
        if keys and not yes:
            click.confirm(f"remove all outputs of {', '.join(map(str, keys))}?", abort=True)
        for key in keys:
            done = retire(workspace, key)
            unregister(instance, key)
            console.print(f"retired {key}: {done.files:,} files, {done.size_bytes:,} bytes", soft_wrap=True)
    console.print(f"{len(keys):,} keys retired; record in {workspace.retired_file}", soft_wrap=True)
