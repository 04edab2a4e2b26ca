"""Materialising chosen keys from a command: register, run, report, exit code."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from persona_assets.cli.report import datasets_table, progress_bar, warn_of_unfit
from persona_assets.dagster_defs.batch import BatchResult, materialise_batch, refresh_corpus
from persona_assets.dagster_defs.instance import cost_of_home, open_instance
from persona_assets.dagster_defs.partitions import register
from persona_assets.dagster_defs.persona_pipeline import PersonaRunConfig
from persona_assets.definitions import defs
from persona_assets.keys import DatasetKey
from persona_assets.raw.discovery import RawInventory
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace


def materialise(
    console: Console,
    settings: Settings,
    inventory: RawInventory,
    keys: Sequence[DatasetKey],
    config: PersonaRunConfig,
) -> int:
    """Register every key found, materialise ``keys``, refresh what describes them all; return the exit code."""
    workspace = Workspace.of(settings)
    config.check()
    warn_of_unfit(console, inventory)
    with open_instance(workspace) as instance:
        if cost := cost_of_home(instance, workspace):
            console.print(escape(cost), soft_wrap=True)
        new = register(instance, inventory.keys)
        console.print(f"{len(inventory.keys):,} raw files found, {len(new):,} partitions newly registered")
        with progress_bar(console, len(keys)) as bar:
            result = materialise_batch(
                defs, instance, keys, config=config, keys_per_run=settings.keys_per_run, listener=bar
            )
        problem = refresh_corpus(defs, instance)
    return _report(console, workspace, keys, result, problem)


def _report(
    console: Console,
    workspace: Workspace,
    keys: Sequence[DatasetKey],
    result: BatchResult,
    problem: str | None,
) -> int:
    if problem:
        console.print(f"[red]failed[/] refresh_catalogue: {escape(problem)}")
    else:
        console.print(datasets_table(workspace, keys))
        console.print(f"statistics  {workspace.statistics_file}", soft_wrap=True)
    console.print(f"comparisons {workspace.comparisons}", soft_wrap=True)
    console.print(f"datasets    {workspace.datasets}", soft_wrap=True)
    color = "red" if result.failed else "green"
    console.print(f"[{color}]{len(result.done):,} of {len(keys):,} keys done, {len(result.failed):,} failed[/]")
    for key, reason in sorted(result.failed.items()):
        console.print(f"  {key}: {escape(reason)}", soft_wrap=True)
    return 1 if result.failed or problem else 0
