"""``persona-assets retire`` and ``restore``: remove keys without a raw file, and bring them back."""

from collections.abc import Sequence

import click

from persona_assets.cli.completing import complete_keys


@click.command("retire")
@click.argument("names", metavar="KEY...", nargs=-1, shell_complete=complete_keys)
@click.option("--orphaned", is_flag=True, help="Retire every key whose raw file is gone.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--count", type=click.IntRange(min=0), help="Retire only if it is exactly this many keys.")
def retire_keys(names: Sequence[str], orphaned: bool, yes: bool, count: int | None) -> None:
    """Move all outputs of KEY to the trash and remove its partition. The raw file must be gone already.

    First, a list of the files and their hashes is written to persona_retired.jsonl. 'restore' brings them back.
    More than the share PERSONA_RETIRE_SHARE of all keys needs --count.
    """
    from persona_assets.cli.retiring import retire_all  # Dagster takes seconds to import

    retire_all(names, orphaned=orphaned, yes=yes, count=count)


@click.command("restore")
@click.argument("names", metavar="KEY...", nargs=-1, required=True)
def restore_keys(names: Sequence[str]) -> None:
    """Restore the outputs of KEY that its last retirement moved to the trash, and its partition."""
    from persona_assets.cli.retiring import restore_all  # Dagster takes seconds to import

    restore_all(names)
