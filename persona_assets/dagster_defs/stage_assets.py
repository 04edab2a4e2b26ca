"""The partitioned assets, fused into one step per partitioning that works key by key.

As seven steps over a range of keys, one bad key would fail the whole range, or be shown materialised
although it was not. Here each key's stages are logged as they succeed, and the step fails at its end
if any key failed: Dagster then shows exactly the good keys materialised and the bad ones failed.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.storage.tags import BACKFILL_ID_TAG, PARTITION_NAME_TAG

from persona_assets.dagster_defs.asset_checks import EvaluationLog, build_check_specs
from persona_assets.dagster_defs.descriptions import (
    describe_stage,
    describe_stage_outputs,
    read_settings_at_load,
    tag_stage,
)
from persona_assets.dagster_defs.lineage import list_dependencies
from persona_assets.dagster_defs.partitions import parse_partition_keys, partitions_of
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.dagster_defs.steps import step_settings
from persona_assets.errors import SettingsError
from persona_assets.run.progress import ProgressListener
from persona_assets.run.worker_pools import start_fork_server
from persona_assets.settings import Settings
from persona_assets.stage.spec import PERSONAS, Partitioning, Stage
from persona_assets.stages.registry import list_stages, list_switched_on

if TYPE_CHECKING:
    from persona_assets.dagster_defs.key_tasks import TaskList

OP_NAME = PERSONAS.name


def _backfill_policy(keys_per_run: int) -> dg.BackfillPolicy:
    return dg.BackfillPolicy.multi_run(keys_per_run) if keys_per_run else dg.BackfillPolicy.single_run()


def build_specs(partitioning: Partitioning, settings: Settings) -> list[dg.AssetSpec]:
    """An asset per stage of ``partitioning``. What it depends on is what it reads."""
    return [_build_spec(stage, settings) for stage in list_stages(partitioning)]


def _build_spec(stage: Stage[Any], settings: Settings) -> dg.AssetSpec:
    return dg.AssetSpec(
        stage.name,
        deps=list_dependencies(stage),
        description=describe_stage(stage, settings),
        group_name=stage.partitioning.name,
        kinds=set(stage.kinds),
        tags=tag_stage(stage),
        partitions_def=partitions_of(stage.partitioning),
        code_version=stage.code_version,
        skippable=stage.optional,
        metadata=describe_stage_outputs(stage, settings),
    )


def build_stage_assets(partitioning: Partitioning) -> dg.AssetsDefinition:
    """One step that makes all stages of ``partitioning``, key by key."""
    at_load = read_settings_at_load()

    @dg.multi_asset(
        name=partitioning.name,
        specs=build_specs(partitioning, at_load),
        check_specs=build_check_specs(partitioning),
        can_subset=True,
        backfill_policy=_backfill_policy(at_load.keys_per_run),
    )
    def make_stages(
        context: dg.AssetExecutionContext, config: PersonaRunConfig, progress: dg.ResourceParam[ProgressListener]
    ) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
        with step_settings(context) as settings:
            config.check()
            _say_what_is_off(context, settings, partitioning)
            if not settings.scheduler:
                start_fork_server()  # it imports what follows at the same time
            # The stages import transformers and datasets, which a code location should not pay for on loading.
            from persona_assets.dagster_defs.run_report import RunReport
            from persona_assets.run.many_keys import run_tasks

            tasks, invalid = _list_tasks(context, config, settings, partitioning)
            evaluations = EvaluationLog(context, partitioning)
            report = RunReport(context, settings, len(tasks.to_do), invalid, evaluations)
            report.leave(tasks.up_to_date, [key.to_user_string() for key in context.selected_asset_keys])
            outcomes = run_tasks(tasks.to_do, config.workers or settings.workers, progress.stop_asked)
            yield from report.work_through(outcomes, progress)

    return make_stages


def _list_partitions(context: dg.AssetExecutionContext, partitioning: Partitioning) -> Sequence[str]:
    """The partitions of the run. A run of checks that names none is about all of them.

    Raises:
        SettingsError: a run that would make something names none.
    """
    if context.has_partition_key or context.has_partition_key_range:
        return list(context.partition_keys)
    if context.selected_asset_keys:
        raise SettingsError(f"choose partitions of {partitioning.name}; without any, only checks can be run")
    return sorted(context.instance.get_dynamic_partitions(partitioning.name))


def _say_what_is_off(context: dg.AssetExecutionContext, settings: Settings, partitioning: Partitioning) -> None:
    """Raises SettingsError if the settings switch off what cannot be."""
    on = {stage.name for stage in list_switched_on(settings, partitioning)}
    if off := sorted({key.to_user_string() for key in context.selected_asset_keys} - on):
        context.log.info(f"not made, because PERSONA_STAGES_OFF names them: {', '.join(off)}")


def _list_tasks(
    context: dg.AssetExecutionContext, config: PersonaRunConfig, settings: Settings, partitioning: Partitioning
) -> "tuple[TaskList, dict[str, str]]":
    """The tasks of the partitions, and what is wrong with partitions that are not keys."""
    from persona_assets.dagster_defs.key_tasks import TaskMaker

    keys, invalid = parse_partition_keys(_list_partitions(context, partitioning), partitioning.parse)
    selected = {key.to_user_string() for key in context.selected_asset_keys}
    stages = tuple(stage.name for stage in list_stages(partitioning) if stage.name in selected)
    checked = sorted({key.asset_key.to_user_string() for key in context.selected_asset_check_keys})
    maker = TaskMaker(settings, config, partitioning, stages, checked)
    return (maker.list_all(keys) if _shows_all(context) else maker.list_needed(keys, context.instance)), invalid


def _shows_all(context: dg.AssetExecutionContext) -> bool:
    """Whether Dagster waits for every key to be materialised: somebody clicked on one, or a backfill counts them."""
    return not {PARTITION_NAME_TAG, BACKFILL_ID_TAG}.isdisjoint(context.run.tags)
