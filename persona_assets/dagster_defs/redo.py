"""The job that makes the failed keys again, wherever they are among the partitions, in one run.

A run of Dagster's takes one range of partitions, so keys scattered over a corpus would need a run each. This job
finds the keys itself, and reports what became of each as the runs over ranges do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import dagster as dg
from pydantic import Field

from persona_assets.collection.survey import KeyState, State, survey
from persona_assets.dagster_defs.asset_checks import EvaluationLog, check_key
from persona_assets.dagster_defs.key_tasks import TaskMaker
from persona_assets.dagster_defs.partitions import register
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.dagster_defs.steps import step_settings
from persona_assets.dagster_runtime.own_names import REDO_FAILED
from persona_assets.dagster_runtime.run_tags import tags_at_load
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.run.key_task import KeyTask
from persona_assets.run.progress import ProgressListener
from persona_assets.run.worker_pools import start_fork_server
from persona_assets.settings import Settings
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_stages, list_switched_on

OP_NAME = "make_failed_keys_again"


class RedoConfig(PersonaRunConfig):
    """Which keys are made again besides the failed ones, and how."""

    missing: bool = Field(default=False, description="Also keys of which something was never made.")
    stale: bool = Field(default=False, description="Also keys whose raw files, settings or code have changed since.")
    warned: bool = Field(
        default=False,
        description="Also keys of which a WARN check failed. They are made from scratch, as if redo were set.",
    )

    @property
    def states(self) -> tuple[State, ...]:
        """The states of the keys that are made again."""
        asked = {State.MISSING: self.missing, State.STALE: self.stale, State.WARNED: self.warned}
        return (State.FAILED, *(state for state, wanted in asked.items() if wanted))


class ScatteredKeys(dg.AssetExecutionContext):
    """The context of an op, as that of a run over all stages of chosen keys."""

    def __init__(self, context: dg.OpExecutionContext, keys: Sequence[str] = ()) -> None:
        super().__init__(context)
        self._keys = keys

    @property
    def partition_keys(self) -> Sequence[str]:
        return self._keys

    @property
    def selected_asset_keys(self) -> set[dg.AssetKey]:
        return {dg.AssetKey(stage.name) for stage in list_stages(PERSONAS)}

    @property
    def selected_asset_check_keys(self) -> set[dg.AssetCheckKey]:
        return {check_key(check) for stage in list_stages(PERSONAS) for check in stage.checks}


@dg.op(
    name=OP_NAME,
    out={},
    description="Finds the failed keys, and makes all their stages",
)
def make_failed_keys_again(
    context: dg.OpExecutionContext, config: RedoConfig, progress: dg.ResourceParam[ProgressListener]
) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    with step_settings(ScatteredKeys(context)) as settings:
        config.check()
        chosen = _choose(context, config, settings)
        if not chosen:
            context.log.info(f"nothing to do: no key is {' or '.join(config.states)}")
            return
        if not settings.scheduler:
            start_fork_server()
        from persona_assets.dagster_defs.run_report import RunReport
        from persona_assets.run.many_keys import run_tasks

        keys = ScatteredKeys(context, [str(one.key) for one in chosen])
        report = RunReport(keys, settings, len(chosen), {}, EvaluationLog(keys, PERSONAS))
        tasks = _list_tasks(chosen, config, settings)
        outcomes = run_tasks(tasks, config.workers or settings.workers, progress.stop_asked)
        yield from report.work_through(outcomes, progress)


def _choose(context: dg.OpExecutionContext, config: RedoConfig, settings: Settings) -> list[KeyState]:
    """The keys in the states asked for, each with its state; they are registered if they are new."""
    inventory = discover(RawCorpus.of(settings))
    chosen = survey(settings, inventory).of(*config.states)
    register(context.instance, [one.key for one in chosen])
    for state in config.states:
        found = [str(one.key) for one in chosen if one.state is state]
        context.log.info(f"{len(found):,} {state.value}{': ' if found else ''}{', '.join(found[:100])}")
    return chosen


def _list_tasks(chosen: Sequence[KeyState], config: RedoConfig, settings: Settings) -> list[KeyTask]:
    stages = [stage.name for stage in list_switched_on(settings, PERSONAS)]
    tasks = TaskMaker(settings, config, stages=stages).list_all([one.key for one in chosen]).to_do
    return [
        replace(task, redo=task.redo or one.state is State.WARNED) for task, one in zip(tasks, chosen, strict=True)
    ]


@dg.job(
    name=REDO_FAILED,
    run_tags=tags_at_load(),
    description="Makes all failed keys again, in one run, wherever they are among the partitions. Mend the raw "
    "files, then click *Launchpad* and *Launch run*: no key has to be chosen.\n\n"
    "By configuration also keys that are missing, stale or warned.",
)
def redo_failed_personas() -> None:
    make_failed_keys_again()
