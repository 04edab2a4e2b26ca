"""Make training sets from a command, through Dagster, and say what came out."""

from collections.abc import Sequence

import dagster as dg
from rich.console import Console
from rich.markup import escape

from persona_assets.cli.progress_bar import show_progress
from persona_assets.cli.signals import describe_stop, received_signal, run_undisturbed, sparing_children
from persona_assets.collection.survey import State
from persona_assets.collection.training_sets import SetState, survey_sets
from persona_assets.dagster_defs.batch import BatchResult, find_up_to_date, materialise_batch
from persona_assets.dagster_defs.partitions import register
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.definitions import defs
from persona_assets.errors import SettingsError
from persona_assets.run.worker_pools import start_fork_server
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import Settings, load_settings
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets.suggestions import suggest
from persona_assets.workspace import Workspace


def make_named(names: Sequence[str], *, redo: bool) -> int:
    """Make the training sets named, or all; return the exit code.

    Raises:
        SettingsError: there is none, or none of a name.
    """
    settings = load_settings()
    chosen = list(dict.fromkeys(names)) or sorted(settings.training_sets)
    if not chosen:
        raise SettingsError(f"{SETTINGS_FILE} has no training set; write one with 'persona-assets train-set create'")
    _require_known(chosen, settings)
    return make_sets(Console(), settings, chosen, PersonaRunConfig(redo=redo))


def _require_known(names: Sequence[str], settings: Settings) -> None:
    for name in names:
        if name not in settings.training_sets:
            known = ", ".join(sorted(settings.training_sets)) or "none"
            raise SettingsError(
                f"no training set is called {name!r}{suggest(name, settings.training_sets)}; "
                f"{SETTINGS_FILE} has {known}"
            )


def make_sets(console: Console, settings: Settings, names: Sequence[str], config: PersonaRunConfig) -> int:
    """Register ``names`` as partitions and make those that are not up to date; return the exit code."""
    if not settings.scheduler:
        start_fork_server()
    result = BatchResult()
    with sparing_children(), open_instance(Workspace.of(settings)) as instance:
        register(instance, names, BY_SET)
        run_undisturbed(lambda: _make(console, instance, settings, names, config, result))
    if received_signal():
        console.print(
            f"[yellow]{describe_stop()}[/]: {len(result.done):,} of {len(names):,} sets done", soft_wrap=True
        )
        return 1
    return _report(console, settings, names, result)


def _make(
    console: Console,
    instance: dg.DagsterInstance,
    settings: Settings,
    names: Sequence[str],
    config: PersonaRunConfig,
    result: BatchResult,
) -> None:
    up_to_date = find_up_to_date(instance, settings, names, config, BY_SET)
    to_do = [name for name in names if name not in up_to_date]
    with show_progress(console, len(to_do)) as bar:
        made = materialise_batch(
            defs,
            instance,
            to_do,
            partitioning=BY_SET,
            config=config,
            keys_per_run=settings.keys_per_run,
            listener=bar,
        )
    result.done += [*made.done, *map(str, up_to_date)]
    result.failed |= made.failed
    result.problems += made.problems


def _report(console: Console, settings: Settings, names: Sequence[str], result: BatchResult) -> int:
    asked = [one for one in survey_sets(settings) if one.name in names]
    for one in asked:
        if one.name not in result.failed:
            console.print(escape(describe_set(one)), soft_wrap=True, highlight=False)
    for problem in result.problems:
        console.print(f"[red]failed[/] {escape(problem)}", soft_wrap=True)
    for name, reason in sorted(result.failed.items()):
        console.print(f"[red]failed[/] {escape(name)}: {escape(reason)}", soft_wrap=True, highlight=False)
    unsound = any(one.state is State.FAILED for one in asked)
    return 1 if result.failed or result.problems or unsound else 0


def describe_set(one: SetState) -> str:
    """A set in one line: how it stands, what is in it, where it is."""
    counts = ", ".join(f"{number:,} {split}" for split, number in one.examples.items()) or "nothing made"
    why = f" ({one.reason})" if one.reason else ""
    return f"{one.name}  {one.state.value}{why}: {counts}; {one.answer_tokens:,} answer tokens  {one.path}"
