"""The event log against Dagster's own, on real databases. Here: a job that leaves every kind of event."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

KEYS = ("a", "b", "c", "d")
BAD_KEY = "c"
"""Its second asset fails, and its check was negative."""
UPSTREAM, DOWNSTREAM = dg.AssetKey("upstream"), dg.AssetKey("downstream")
CHECK = dg.AssetCheckKey(UPSTREAM, "sound")
UNEVALUATED = dg.AssetCheckKey(DOWNSTREAM, "never_evaluated")
WRITTEN = dg.AssetKey("written")
DEFAULT_STORAGE = {"module": "dagster._core.storage.event_log", "class": "SqliteEventLogStorage"}
partitions = dg.DynamicPartitionsDefinition(name="keys")

with warnings.catch_warnings():
    warnings.simplefilter("ignore", dg.PreviewWarning)
    _checks = [
        dg.AssetCheckSpec(key.name, asset=key.asset_key, partitions_def=partitions) for key in (CHECK, UNEVALUATED)
    ]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(UPSTREAM, partitions_def=partitions),
        dg.AssetSpec(DOWNSTREAM, deps=[UPSTREAM], partitions_def=partitions),
    ],
    check_specs=_checks,
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def work(context: dg.AssetExecutionContext) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    for key in context.partition_keys:
        yield dg.AssetMaterialization(UPSTREAM, partition=key, metadata={"rows": len(key)}, tags={"made": "now"})
        yield dg.AssetCheckEvaluation(
            asset_key=UPSTREAM, check_name=CHECK.name, passed=key != BAD_KEY, metadata={}, partition=key
        )
        if key != BAD_KEY:
            yield dg.AssetMaterialization(DOWNSTREAM, partition=key)
        context.log.info(f"{key} done")
    raise dg.Failure("one key failed", allow_retries=False)


def run_over_all_keys(instance: dg.DagsterInstance) -> str:
    """One run over the range of all keys; its id."""
    instance.add_dynamic_partitions("keys", KEYS)
    job = dg.Definitions(assets=[work], jobs=[dg.define_asset_job("job")]).resolve_job_def("job")
    tags = {"dagster/asset_partition_range_start": KEYS[0], "dagster/asset_partition_range_end": KEYS[-1]}
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return job.execute_in_process(instance=instance, raise_on_error=False, tags=tags, run_config=quiet).run_id


def dagsters_own(home: Path) -> dg.DagsterInstance:
    """An instance of the same home whose event log is Dagster's default."""
    storage = DEFAULT_STORAGE | {"config": {"base_dir": str(home / "history" / "runs")}}
    return dg.DagsterInstance.local_temp(str(home), {"telemetry": {"enabled": False}, "event_log_storage": storage})


def open_files(folder: Path) -> int:
    """How many files below ``folder`` this process has open; 0 where the system does not tell."""
    descriptors = Path("/proc/self/fd")
    links = [str(fd.readlink()) for fd in descriptors.iterdir() if fd.exists()] if descriptors.exists() else []
    return sum(link.startswith(str(folder)) for link in links)


def write(instance: dg.DagsterInstance, partition: str) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(WRITTEN, partition=partition))
