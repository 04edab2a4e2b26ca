"""Real files, a real Dagster instance, real worker processes. Here: how these tests run the assets."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.definitions import defs
from persona_assets_tests.stage_names import STAGES as STAGES

OUTPUT_FOLDERS = (
    "datasets",
    "persona_manifests",
    "persona_pairs",
    "persona_quarantine",
    "persona_signs",
    "persona_token_plots",
    "persona_token_stats",
)
_QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}


@contextmanager
def open_instance(workspace: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster instance with its databases on disk beside the workspace, knowing a partition per raw file."""
    home = workspace.parent / f"{workspace.name}_dagster"
    home.mkdir(exist_ok=True)
    with dg.DagsterInstance.local_temp(str(home), {"telemetry": {"enabled": False}}) as instance:
        assert run_job(instance, workspace, "register_raw_files").success
        yield instance


def run_job(instance: dg.DagsterInstance, workspace: Path, job: str) -> dg.ExecuteInProcessResult:
    with _settings_of(workspace):
        return defs.resolve_job_def(job).execute_in_process(
            run_config={"loggers": _QUIET}, instance=instance, raise_on_error=False
        )


def run_range(
    instance: dg.DagsterInstance,
    workspace: Path,
    keys: tuple[str, str],
    *,
    stages: Sequence[str] = STAGES,
    workers: int = 1,
    variants: Mapping[str, Sequence[str]] | None = None,
    **config: bool,
) -> dg.ExecuteInProcessResult:
    """Materialise ``stages`` of every key from ``keys[0]`` to ``keys[1]``, both included, in one run."""
    told: dict[str, Any] = {"workers": workers, "variants": dict(variants or {}), **config}
    with _settings_of(workspace):
        return defs.resolve_job_def("materialise_personas").execute_in_process(
            run_config={"ops": {"persona_datasets": {"config": told}}, "loggers": _QUIET},
            instance=instance,
            asset_selection=[dg.AssetKey(stage) for stage in stages],
            raise_on_error=False,
            tags={"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[1]},
        )


def failure_text(run: dg.ExecuteInProcessResult) -> str:
    """What Dagster shows of a failed run: the message of every step that failed."""
    texts = []
    for event in run.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            described = data.user_failure_data and data.user_failure_data.description
            texts.append(described or (data.error.message if data.error else ""))
    return "\n".join(texts)


def plain_facts(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of an evaluation as the check's facts: tables as the lists and mappings that they show."""
    return {name: _plain_fact(name, value) for name, value in metadata.items()}


def _plain_fact(name: str, value: Any) -> Any:
    if not isinstance(value, dg.TableMetadataValue):
        return value.value
    rows = [dict(record.data) for record in value.records]
    if all(row.keys() == {"name", name} for row in rows):
        return {row["name"]: row[name] for row in rows}
    return [row[name] if row.keys() == {name} else row for row in rows]


def partition_states(instance: dg.DagsterInstance, asset: str) -> dict[str, str]:
    """Each partition's state in Dagster's own account: MATERIALIZED, FAILED, or none."""
    partitions = dg.DynamicPartitionsDefinition(name="persona_datasets")
    keys = instance.get_dynamic_partitions("persona_datasets")
    states = instance.get_status_by_partition(dg.AssetKey(asset), keys, partitions) or {}
    return {key: state.name if (state := states.get(key)) else "none" for key in keys}


def files_below(folder: Path) -> dict[str, str]:
    """Every output file of a workspace with the hash of its content, hidden ones included."""
    paths = (path for name in OUTPUT_FOLDERS for path in (folder / name).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in paths}


@contextmanager
def _settings_of(workspace: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERSONA_WORKSPACE", str(workspace))
        yield
