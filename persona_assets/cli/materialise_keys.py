"""Materialise selected keys from a command: register them, run, report, and choose the exit code."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import dagster as dg
from rich.console import Console
from rich.markup import escape

from persona_assets.cli.progress_bar import show_progress
from persona_assets.cli.quality_remarks import (
    Outcomes,
    list_sentences,
    read_outcomes,
    remark_on_failed_checks,
    remark_on_keys,
)
from persona_assets.cli.raw_remarks import print_unfit
from persona_assets.cli.result_tables import tabulate_concerns, tabulate_datasets
from persona_assets.cli.signals import describe_stop, received_signal, run_undisturbed, sparing_children
from persona_assets.collection.concerns import count_concerns, list_concerns
from persona_assets.collection.refreshed import describe_inputs, is_refreshed, note_refreshed
from persona_assets.dagster_defs.batch import BatchResult, find_up_to_date, materialise_batch, refresh_corpus
from persona_assets.dagster_defs.partitions import register, registered_keys
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.dagster_runtime.instance import describe_cost_of_home, open_instance
from persona_assets.definitions import defs
from persona_assets.keys import DatasetKey
from persona_assets.raw.discovery import RawInventory
from persona_assets.run.worker_pools import start_fork_server
from persona_assets.settings import Settings
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets.workspace import Workspace

MOST_SENTENCES = 5
"""Of failed checks that a summary shows one by one."""


@dataclass
class _Work:
    """The keys of a command, and its progress with them."""

    console: Console
    settings: Settings
    inventory: RawInventory
    keys: Sequence[DatasetKey]
    config: PersonaRunConfig
    result: BatchResult = field(default_factory=BatchResult)
    refreshed: bool = False

    @property
    def workspace(self) -> Workspace:
        return Workspace.of(self.settings)

    def do(self) -> None:
        with sparing_children(), open_instance(self.workspace) as instance:
            if cost := describe_cost_of_home(instance, self.workspace):
                self.console.print(escape(cost), soft_wrap=True)
            new = register(instance, self.inventory.keys)
            register(instance, self.settings.training_sets, BY_SET)
            found = f"{len(self.inventory.keys):,} raw files found, {len(new):,} partitions newly registered"
            self.console.print(found)
            run_undisturbed(lambda: self._materialise(instance))
            if received_signal():
                return
            problem = self._refresh(instance)
            received_signal()  # a signal is recorded before anything is closed
        self.refreshed = problem is None
        if problem:
            self.result.problems.append(f"refresh_catalogue: {problem}")

    def _refresh(self, instance: dg.DagsterInstance) -> str | None:
        """Bring the files about all keys up to date; return what went wrong, if anything did."""
        inputs = describe_inputs(self.settings, registered_keys(instance))
        looked_at_all = set(self.keys).issuperset(self.inventory.keys)
        if looked_at_all and is_refreshed(self.settings, inputs):
            return None
        problem = refresh_corpus(defs, instance)
        if not problem:
            note_refreshed(self.settings, inputs)
        return problem

    def _materialise(self, instance: dg.DagsterInstance) -> None:
        up_to_date = find_up_to_date(instance, self.settings, self.keys, self.config)
        to_do = [key for key in self.keys if key not in up_to_date]
        with show_progress(self.console, len(to_do)) as bar:
            self.result = materialise_batch(
                defs,
                instance,
                to_do,
                config=self.config,
                keys_per_run=self.settings.keys_per_run,
                listener=bar,
            )
        self.result.done += map(str, up_to_date)
        self.result.up_to_date = len(up_to_date)


def materialise_keys(
    console: Console,
    settings: Settings,
    inventory: RawInventory,
    keys: Sequence[DatasetKey],
    config: PersonaRunConfig,
) -> int:
    """Register every key found, materialise ``keys``, update the files about all keys; return the exit code.

    A key that others read comes before them in ``keys``.

    A signal ends the command with a one-line message. Finished keys are kept, and ``main`` sets the exit code.
    """
    config.check()
    print_unfit(console, inventory)
    if not settings.scheduler:
        start_fork_server()  # its imports take seconds; Dagster's databases are opened meanwhile
    work = _Work(console, settings, inventory, keys, config)
    try:
        work.do()
    except KeyboardInterrupt:
        work.refreshed = False
    return _report_stop(work) if received_signal() else _report(work)


def _report_stop(work: _Work) -> int:
    _print_failures(work)
    done = len(work.result.done)
    left = len(work.keys) - done - len(work.result.failed)
    go_on = (
        f"{left:,} left; continue with 'persona-assets generate --resume'" if left else "the catalogue is not updated"
    )
    work.console.print(
        f"[yellow]{describe_stop()}[/]: {done:,} of {len(work.keys):,} keys done, {go_on}", soft_wrap=True
    )
    return 1


def _report(work: _Work) -> int:
    console, result, workspace = work.console, work.result, work.workspace
    if work.refreshed:
        console.print(tabulate_datasets(workspace, work.keys))
        console.print(f"statistics  {workspace.statistics_file}", soft_wrap=True)
    console.print(f"comparisons {workspace.comparisons}", soft_wrap=True)
    console.print(f"report      {workspace.report / 'index.html'}", soft_wrap=True)
    console.print(f"datasets    {workspace.root / DATASET_FOLDER.folder}", soft_wrap=True)
    outcomes = read_outcomes(workspace, work.keys)
    _print_concerns(console, outcomes)
    unsound = remark_on_failed_checks(outcomes, frozenset(result.done))
    for remark in [*remark_on_keys(outcomes), *unsound, *_remark_on_files_not_taken(work.inventory)]:
        console.print(f"[yellow]{escape(remark)}[/]", soft_wrap=True)
    failed = result.failed or result.problems or unsound
    left = len(work.keys) - len(result.done) - len(result.failed)
    also = f", {left:,} not begun" if left else ""
    same = f" ({result.up_to_date:,} were up to date)" if result.up_to_date else ""
    color = "red" if failed else "green"
    console.print(
        f"[{color}]{len(result.done):,} of {len(work.keys):,} keys done{same}, {len(result.failed):,} failed{also}[/]"
    )
    _print_failures(work)
    return 1 if failed else 0


def _print_concerns(console: Console, outcomes: Outcomes) -> None:
    """What checks found, in words; of many keys, how often each failed."""
    sentences = list_sentences(outcomes)
    if len(sentences) <= MOST_SENTENCES:
        for sentence in sentences:
            console.print(escape(sentence), soft_wrap=True, highlight=False)
        return
    console.print(tabulate_concerns(count_concerns((key, list_concerns(last)) for key, last in outcomes.items())))


def _remark_on_files_not_taken(inventory: RawInventory) -> list[str]:
    count = len(inventory.unfit)
    return [f"{count:,} file{'s' * (count != 1)} of the raw root not taken; see 'persona-assets list'"] * bool(count)


def _print_failures(work: _Work) -> None:
    for problem in work.result.problems:
        work.console.print(f"[red]failed[/] {escape(problem)}", soft_wrap=True)
    for key, reason in sorted(work.result.failed.items()):
        work.console.print(f"  {escape(key)}: {escape(reason)}", soft_wrap=True)
