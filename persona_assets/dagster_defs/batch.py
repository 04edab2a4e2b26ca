"""Materialising many keys from a program: through Dagster, range by range, in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg

from persona_assets.dagster_defs.comparison_plots_asset import persona_comparison_plots
from persona_assets.dagster_defs.jobs import make_training_sets, materialise_personas, refresh_catalogue
from persona_assets.dagster_defs.key_tasks import TaskMaker
from persona_assets.dagster_defs.partitions import contiguous_ranges, registered_keys
from persona_assets.dagster_defs.run_config import PersonaRunConfig
from persona_assets.dagster_runtime.living_runs import claim_run
from persona_assets.dagster_runtime.storage_errors import translating_storage_errors
from persona_assets.errors import StorageError
from persona_assets.run.outcome import StageFailure
from persona_assets.run.progress import ProgressListener
from persona_assets.settings import Settings, load_settings
from persona_assets.stage.spec import PERSONAS, Partitioning, PartitionKey
from persona_assets.stages.registry import list_stages
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets.workspace import Workspace

RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
_JOBS = {PERSONAS.name: materialise_personas.name, BY_SET.name: make_training_sets.name}
"""The job that makes all stages of a partitioning."""
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


@dataclass
class BatchResult:
    """What became of the keys of a batch. One that is neither done nor failed was not begun, or not ended."""

    done: list[str] = field(default_factory=list)
    """Also those that were up to date."""
    up_to_date: int = 0
    """Of how many nothing had to be made."""
    failed: dict[str, str] = field(default_factory=dict)
    """Key to the stage it failed at and the reason."""
    problems: list[str] = field(default_factory=list)
    """What went wrong with a run itself, whatever became of its keys."""
    runs: list[str] = field(default_factory=list)


def find_up_to_date(
    instance: dg.DagsterInstance,
    settings: Settings,
    keys: Sequence[PartitionKey],
    config: PersonaRunConfig,
    partitioning: Partitioning = PERSONAS,
) -> frozenset[PartitionKey]:
    """The keys that need no work. No run is started for these: their pages in the UI stay as they are.

    Raises:
        StorageError: Dagster cannot read its databases.
    """
    with translating_storage_errors(Path(instance.root_directory)):
        stages = [stage.name for stage in list_stages(partitioning)]
        maker = TaskMaker(settings, config, partitioning, stages)
        return frozenset(maker.list_needed(keys, instance).up_to_date)


@dataclass
class _Recorder:
    """Keeps the outcomes while it passes them on."""

    listener: ProgressListener
    result: BatchResult

    def stop_asked(self) -> bool:
        return self.listener.stop_asked()

    def key_done(self, key: PartitionKey, failure: StageFailure | None) -> None:
        if failure:
            self.result.failed[str(key)] = f"{failure.stage}: {failure.message}"
        else:
            self.result.done.append(str(key))
        self.listener.key_done(key, failure)


def materialise_batch(  # noqa: PLR0913 - what is asked of a batch, by name
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    keys: Sequence[PartitionKey],
    *,
    partitioning: Partitioning = PERSONAS,
    config: PersonaRunConfig,
    keys_per_run: int,
    listener: ProgressListener,
) -> BatchResult:
    """Run all stages for registered ``keys``, one Dagster run per contiguous range of partitions.

    The runs are in the order in which their first keys stand in ``keys``, since a key may read what another makes.

    Nothing that goes wrong costs the account of what is done. A run that ends in an error of Dagster's costs its own
    keys; one whose storage fails is the last, and so is one during which ``listener`` asks to stop.
    """
    result, workspace = BatchResult(), Workspace.of(load_settings())
    recorder = _Recorder(listener, result)
    job = definitions.resolve_job_def(_JOBS[partitioning.name])
    run_config = {"ops": {partitioning.name: {"config": config.model_dump()}}, "loggers": _QUIET}
    registered = registered_keys(instance, partitioning)
    for unknown in {str(key) for key in keys}.difference(registered):
        result.failed[unknown] = "is no registered partition; register it first"
    places = {str(key): place for place, key in enumerate(keys)}
    ranges = contiguous_ranges(places, registered, keys_per_run)
    for keys_of_run in sorted(ranges, key=lambda names: min(places[name] for name in names)):
        if listener.stop_asked():
            break
        try:
            run = _execute(
                job,
                instance,
                workspace,
                run_config=run_config,
                tags={RANGE_START_TAG: keys_of_run[0], RANGE_END_TAG: keys_of_run[-1]},
                resources={"progress": recorder},
            )
        except StorageError as error:
            result.problems.append(str(error))
            break
        except dg.DagsterError as error:
            result.problems.append(f"the run of {keys_of_run[0]} to {keys_of_run[-1]}: {_first_line(error)}")
            continue
        _account_for(run, keys_of_run, result, stopped=listener.stop_asked())
    return result


def _execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    workspace: Workspace,
    *,
    run_config: Mapping[str, Any],
    tags: Mapping[str, str],
    resources: Mapping[str, Any] | None = None,
) -> dg.ExecuteInProcessResult:
    """One run in this process, which counts as alive from before it exists.

    Raises:
        StorageError: Dagster cannot read or write its databases.
    """
    with translating_storage_errors(Path(instance.root_directory)), claim_run(workspace) as own:
        return job.execute_in_process(
            run_config=run_config,
            instance=instance,
            raise_on_error=False,
            tags={**tags, **own.tags},
            resources=resources,
            run_id=own.run_id,
        )


def _account_for(run: dg.ExecuteInProcessResult, keys: Sequence[str], result: BatchResult, *, stopped: bool) -> None:
    result.runs.append(run.run_id)
    if run.success:
        return
    left = [key for key in keys if key not in result.failed and key not in result.done]
    if left and not stopped:
        result.failed |= dict.fromkeys(left, _failure_text(run))
    elif not stopped and result.failed.keys().isdisjoint(keys):
        result.problems.append(f"no key failed, but the run did: {_failure_text(run)}")


def refresh_corpus(
    definitions: dg.Definitions, instance: dg.DagsterInstance, *, shared_axes: bool = False
) -> str | None:
    """Materialise the unpartitioned assets; return what went wrong, if anything did."""
    job = definitions.resolve_job_def(refresh_catalogue.name)
    plots = {persona_comparison_plots.op.name: {"config": {"shared_axes": shared_axes}}}
    try:
        run = _execute(
            job, instance, Workspace.of(load_settings()), run_config={"ops": plots, "loggers": _QUIET}, tags={}
        )
    except StorageError as error:
        return str(error)
    except dg.DagsterError as error:
        return _first_line(error)
    return None if run.success else _failure_text(run)


def _failure_text(run: dg.ExecuteInProcessResult) -> str:
    errors: list[Any] = [
        getattr(event.event_specific_data, "error", None) for event in run.all_events if event.is_failure
    ]
    texts = [_root_cause(error).message.strip() for error in errors if error]
    return f"{texts[0] if texts else 'the run failed'} (run {run.run_id})"


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _root_cause(error: Any) -> Any:
    while error.cause:
        error = error.cause
    return error
