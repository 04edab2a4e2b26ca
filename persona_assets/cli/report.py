"""What commands show while they work and when they are done."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from persona_assets.cli.signals import received
from persona_assets.keys import DatasetKey
from persona_assets.raw.discovery import RawInventory
from persona_assets.run.progress import StageFailure
from persona_assets.store.records import read_json
from persona_assets.workspace import Workspace

MAX_LISTED = 20


@dataclass
class ProgressBar:
    """A bar that counts keys; every failure is named above it when it happens, and explained in the report."""

    progress: Progress
    task: TaskID
    failed: int = 0

    def stop_asked(self) -> bool:
        return received() is not None

    def key_done(self, key: DatasetKey, failure: StageFailure | None) -> None:
        if failure:
            self.failed += 1
            self.progress.console.print(f"[red]failed[/] {key} at {failure.stage}")
        elif not self.progress.console.is_terminal:
            self.progress.console.print(f"done   {key}")
        self.progress.update(self.task, advance=1, failed=self.failed)


@contextmanager
def progress_bar(console: Console, keys: int) -> Iterator[ProgressBar]:
    """Show a bar over ``keys`` keys while the block runs."""
    columns = (
        TextColumn("materialising"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield ProgressBar(progress, progress.add_task("keys", total=keys, failed=0))


def warn_of_unfit(console: Console, inventory: RawInventory) -> None:
    """Print the raw files that are no partition, so that none is skipped in silence."""
    for file in inventory.unfit[:MAX_LISTED]:
        console.print(f"[yellow]not taken[/] {escape(str(file))}", soft_wrap=True)
    if len(inventory.unfit) > MAX_LISTED:
        console.print(f"[yellow]... and {len(inventory.unfit) - MAX_LISTED} more files not taken[/]")


def datasets_table(workspace: Workspace, keys: Iterable[DatasetKey]) -> Table:
    """One row per dataset with statistics, one per model and kind where there are many."""
    entries = read_json(workspace.statistics_file, "persona_token_stats")["datasets"]
    chosen = [entries[str(key)] for key in keys if str(key) in entries]
    return _table_of_each(chosen) if len(chosen) <= MAX_LISTED else _table_by_model(chosen)


def _table_of_each(entries: Iterable[Mapping[str, Any]]) -> Table:
    table = Table()
    for column in ("model", "type", "name"):
        table.add_column(column, no_wrap=True)
    for column in ("rows", "tokens"):
        table.add_column(column, justify="right")
    table.add_column("variants (rows)")
    for entry in entries:
        prefix = "__".join((entry["model"], entry["type"], entry["name"], ""))
        variants = ", ".join(
            f"{name.removeprefix(prefix)} ({of['total_conversations']:,})" for name, of in entry["variants"].items()
        )
        table.add_row(*(entry[name] for name in ("model", "type", "name")), *_numbers(entry), variants)
    return table


def _table_by_model(entries: Iterable[Mapping[str, Any]]) -> Table:
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for entry in entries:
        groups.setdefault((entry["model"], entry["type"]), []).append(entry)
    table = Table("model", "type")
    for column in ("datasets", "conversations", "tokens"):
        table.add_column(column, justify="right")
    for (model, kind), members in groups.items():
        totals = {name: sum(entry[name] for entry in members) for name in ("total_conversations", "total_tokens")}
        table.add_row(model, kind, f"{len(members):,}", *_numbers(totals))
    return table


def _numbers(entry: Mapping[str, Any]) -> tuple[str, str]:
    return f"{entry['total_conversations']:,}", f"{entry['total_tokens']:,}"
