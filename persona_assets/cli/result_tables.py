"""Tables and lists that commands print."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.raw.discovery import RawInventory
from persona_assets.store.records import read_json
from persona_assets.workspace import Workspace

MAX_LISTED = 20


def print_unfit(console: Console, inventory: RawInventory) -> None:
    """Print the raw files that did not become partitions, so that none is skipped silently."""
    for file in inventory.unfit[:MAX_LISTED]:
        console.print(f"[yellow]not taken[/] {escape(str(file))}", soft_wrap=True)
    if len(inventory.unfit) > MAX_LISTED:
        console.print(f"[yellow]... and {len(inventory.unfit) - MAX_LISTED} more files not taken[/]")


def tabulate_datasets(workspace: Workspace, keys: Iterable[DatasetKey]) -> Table:
    """One row per dataset with statistics, one per model and kind where there are many."""
    entries = read_json(workspace.statistics_file, "persona_token_stats")["datasets"]
    chosen = [entries[str(key)] for key in keys if str(key) in entries]
    return _tabulate_each(chosen) if len(chosen) <= MAX_LISTED else _tabulate_by_model(chosen)


def _tabulate_each(entries: Iterable[Mapping[str, Any]]) -> Table:
    table = Table()
    for column in ("model", "type", "name"):
        table.add_column(column, no_wrap=True)
    for column in ("rows", "tokens"):
        table.add_column(column, justify="right")
    table.add_column("variants (rows)")
    for entry in entries:
        variants = ", ".join(
            f"{DatasetName.parse(name).variant} ({statistics['total_conversations']:,})"
            for name, statistics in entry["variants"].items()
        )
        table.add_row(*(entry[name] for name in ("model", "type", "name")), *_format_numbers(entry), variants)
    return table


def _tabulate_by_model(entries: Iterable[Mapping[str, Any]]) -> Table:
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in entries:
        groups.setdefault((entry["model"], entry["type"]), []).append(entry)
    table = Table("model", "type")
    for column in ("datasets", "conversations", "tokens"):
        table.add_column(column, justify="right")
    for (model, kind), members in groups.items():
        totals = {name: sum(entry[name] for entry in members) for name in ("total_conversations", "total_tokens")}
        table.add_row(model, kind, f"{len(members):,}", *_format_numbers(totals))
    return table


def _format_numbers(entry: Mapping[str, Any]) -> tuple[str, str]:
    return f"{entry['total_conversations']:,}", f"{entry['total_tokens']:,}"
