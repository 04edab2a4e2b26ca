"""``persona-assets retire`` and ``restore``: remove keys without a raw file, and bring them back."""

from collections.abc import Sequence

import click
from rich.console import Console

from persona_assets.collection.retirement import find_orphans, refuse_retirement, refuse_without_record, retire
from persona_assets.collection.trash import empty_trash, restore
from persona_assets.dagster_defs.partitions import parse_partition_keys, register, registered_keys, unregister
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.errors import MissingInputError, SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.settings import load_settings
from persona_assets.suggestions import KEYS_ALIKE, suggest
from persona_assets.workspace import Workspace


@click.command("retire")
@click.argument("names", metavar="KEY...", nargs=-1)
@click.option("--orphaned", is_flag=True, help="Retire every key whose raw file is gone.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--count", type=click.IntRange(min=0), help="Retire only if it is exactly this many keys.")
def retire_keys(names: Sequence[str], orphaned: bool, yes: bool, count: int | None) -> None:
    """Move all outputs of KEY to the trash and remove its partition. The raw file must be gone already.

    First, a list of the files and their hashes is written to persona_retired.jsonl. 'restore' brings them back.
    More than the share PERSONA_RETIRE_SHARE of all keys needs --count.
    """
    if bool(names) == orphaned:
        raise SettingsError("name the keys to retire, or give --orphaned")
    settings, console = load_settings(), Console()
    workspace, inventory = Workspace.of(settings), discover(RawCorpus.of(settings))
    with open_instance(workspace) as instance:
        registered, _ = parse_partition_keys(registered_keys(instance), DatasetKey.parse)
        orphans = find_orphans(settings)
        keys = orphans if orphaned else list(dict.fromkeys(DatasetKey.parse(name) for name in names))
        known = {*orphans, *inventory.keys}
        _refuse_unknown(keys, {*known, *registered})
        refuse_retirement(keys, len(known), inventory, settings, count)
        refuse_without_record(workspace)
        if keys and not yes:
            click.confirm(f"move all outputs of {', '.join(map(str, keys))} to the trash?", abort=True)
        for key in keys:
            done = retire(settings, key)
            unregister(instance, key)
            console.print(
                f"retired {key}: {done.files:,} files, {done.size_bytes:,} bytes, now in {done.trash}", soft_wrap=True
            )
    console.print(f"{len(keys):,} keys retired; record in {workspace.retired_file}", soft_wrap=True)
    for key in empty_trash(workspace, settings.trash_days):
        console.print(f"removed from the trash: {key}, retired more than {settings.trash_days} days ago")


@click.command("restore")
@click.argument("names", metavar="KEY...", nargs=-1, required=True)
def restore_keys(names: Sequence[str]) -> None:
    """Restore the outputs of KEY that its last retirement moved to the trash, and its partition."""
    workspace, console = Workspace.of(load_settings()), Console()
    keys = [DatasetKey.parse(name) for name in names]
    with open_instance(workspace) as instance:
        for key in keys:
            console.print(f"restored {key}: {restore(workspace, key):,} outputs")
            register(instance, [key])


def _refuse_unknown(keys: Sequence[DatasetKey], known: set[DatasetKey]) -> None:
    if unknown := [str(key) for key in keys if key not in known]:
        meant = suggest(unknown[0], map(str, known), KEYS_ALIKE)
        raise MissingInputError(
            f"{', '.join(unknown)}: neither outputs nor partition{meant}; see 'persona-assets status'"
        )
