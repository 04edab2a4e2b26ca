"""Tables that commands print."""

from collections.abc import Iterable

from rich.table import Table

from persona_assets.collection.catalogue import count_by_model
from persona_assets.collection.concerns import ConcernCounts
from persona_assets.collection.gathered_statistics import DatasetEntry, read_gathered_statistics
from persona_assets.collection.survey import State, Survey
from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.raw.discovery import RawInventory
from persona_assets.workspace import Workspace

MAX_LISTED = 20


def tabulate_states(surveyed: Survey, inventory: RawInventory) -> Table:
    """How many keys of each model and kind are in each state, with a row of totals where there is more than one."""
    table = Table(padding=(0, 0, 0, 1))
    for column in ("model", "type", "raw", *(state.value for state in State)):
        table.add_column(column, no_wrap=True)
    counts = count_by_model(surveyed, inventory)
    for row in counts:
        states = (f"{getattr(row, state):,}" for state in State)
        table.add_row(row.model, row.type, f"{row.raw_files:,}", *states)
    if len(counts) > 1:
        table.add_section()
        states = (f"{len(surveyed.of(state)):,}" for state in State)
        table.add_row("all", "", f"{sum(row.raw_files for row in counts):,}", *states)
    return table


def tabulate_concerns(concerns: Iterable[ConcernCounts]) -> Table:
    """How many keys each failed check concerns, and of which models and kinds."""
    table = Table("what failed", "severity", padding=(0, 0, 0, 1))
    table.add_column("keys", justify="right")
    table.add_column("of")
    for one in concerns:
        where = ", ".join(f"{of.model} {of.type} {of.keys:,}" for of in one.by_model)
        table.add_row(f"{one.name}{' (asset)' if one.of_asset else ''}", one.severity, f"{one.keys:,}", where)
    return table


def tabulate_datasets(workspace: Workspace, keys: Iterable[DatasetKey]) -> Table:
    """One row per dataset with statistics, one per model and kind where there are many."""
    entries = read_gathered_statistics(workspace).datasets
    chosen = [entries[str(key)] for key in keys if str(key) in entries]
    return _tabulate_each(chosen) if len(chosen) <= MAX_LISTED else _tabulate_by_model(chosen)


def _tabulate_each(entries: Iterable[DatasetEntry]) -> Table:
    table = Table()
    for column in ("model", "type", "name"):
        table.add_column(column, no_wrap=True)
    for column in ("rows", "tokens"):
        table.add_column(column, justify="right")
    table.add_column("variants (rows)")
    for entry in entries:
        variants = ", ".join(
            f"{DatasetName.parse(name).variant} ({_say_rows(totals.total_conversations)})"
            for name, totals in entry.variants.items()
        )
        table.add_row(
            entry.model,
            entry.type,
            entry.name,
            f"{entry.total_conversations:,}",
            f"{entry.total_tokens:,}",
            variants,
        )
    return table


def _say_rows(rows: int) -> str:
    return f"{rows:,}" if rows else "empty"


def _tabulate_by_model(entries: Iterable[DatasetEntry]) -> Table:
    groups: dict[tuple[str, str], list[DatasetEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.model, entry.type), []).append(entry)
    table = Table("model", "type")
    for column in ("datasets", "conversations", "tokens"):
        table.add_column(column, justify="right")
    for (model, kind), members in groups.items():
        conversations = sum(entry.total_conversations for entry in members)
        tokens = sum(entry.total_tokens for entry in members)
        table.add_row(model, kind, f"{len(members):,}", f"{conversations:,}", f"{tokens:,}")
    return table
