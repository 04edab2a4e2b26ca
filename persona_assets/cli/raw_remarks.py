"""What commands say of the raw root: how each model was read, and what has no key."""

from rich.console import Console
from rich.markup import escape

from persona_assets.raw.discovery import RawInventory

MAX_LISTED = 20


def print_unfit(console: Console, inventory: RawInventory) -> None:
    """Print the raw files that did not become partitions, so that none is skipped silently."""
    for file in inventory.unfit[:MAX_LISTED]:
        console.print(f"[yellow]not taken[/] {escape(str(file))}", soft_wrap=True)
    if len(inventory.unfit) > MAX_LISTED:
        console.print(f"[yellow]... and {len(inventory.unfit) - MAX_LISTED} more files not taken[/]")


def print_models(console: Console, inventory: RawInventory) -> None:
    """Print in which layout each model was read, and how many keys that gave."""
    for reading in inventory.models:
        console.print(escape(str(reading)), soft_wrap=True, highlight=False)
