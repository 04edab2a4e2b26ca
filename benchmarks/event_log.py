"""What Dagster's bookkeeping costs: its own SQLite event log, and the one this package keeps open.

    python benchmarks/event_log.py [--keys 50 400]

One run in this process for each number of keys and each log, in a home of its own, on the disk of the
temporary folder. The step has the shape of the real one and its events their usual size, but does no other
work: for each key seven materialisations (2 to 25 KB of metadata) and the evaluation of every check, after the
events that plan them. Times are those of the whole run, divided by its events and by its keys.
"""

import argparse
import os
import platform
import sqlite3
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from persona_assets.dagster_defs.asset_checks import EvaluationLog, build_check_specs
from persona_assets.dagster_defs.partitions import register, registered_keys
from persona_assets.dagster_defs.stage_assets import build_specs
from persona_assets.keys import DatasetKey
from persona_assets.settings import Settings
from persona_assets.stage.outcomes import CheckOutcome
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_stages

STAGE_NAMES = [stage.name for stage in list_stages(PERSONAS)]
KILOBYTES = dict(zip(STAGE_NAMES, (2, 4, 3, 2, 6, 25, 4, 3), strict=True))
CHECKS = [check for stage in list_stages(PERSONAS) for check in stage.checks]
KEYS_PER_FLUSH = 50
EVENT_LOGS = {
    "Dagster's own": ("dagster._core.storage.event_log", "SqliteEventLogStorage", {"base_dir": "history/runs"}),
    "kept open": ("persona_assets.dagster_runtime.event_log", "KeptOpenEventLog", {"home": ""}),
}
"""Module, class and configuration: a folder below the home."""


@dg.multi_asset(
    name="events_only",
    specs=build_specs(PERSONAS, Settings.model_construct()),
    check_specs=build_check_specs(PERSONAS),
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def events_only(context: dg.AssetExecutionContext) -> Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]:
    evaluations = EvaluationLog(context)
    passed = [CheckOutcome(check, True, {"rows": 1200, "lines": 1201, "offenders": []}) for check in CHECKS]
    for count, key in enumerate(context.partition_keys, start=1):
        for stage in STAGE_NAMES:
            yield dg.AssetMaterialization(stage, partition=key, metadata=metadata(KILOBYTES[stage]))
        evaluations.add(DatasetKey.parse(key), passed)
        if count % KEYS_PER_FLUSH == 0:
            yield from evaluations.flush()
    yield from evaluations.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, nargs="+", default=[50, 400])
    arguments = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Dagster {dg.__version__}, SQLite {sqlite3.sqlite_version}"
    )
    print(f"{'event log':14}{'keys':>6}{'events':>8}{'ms/event':>10}{'s/key':>8}{'CPU s/key':>11}{'MB':>7}")
    for keys in arguments.keys:
        for name in EVENT_LOGS:
            measure(name, keys)


def measure(name: str, count: int) -> None:
    """One run, and a line of the table."""
    with tempfile.TemporaryDirectory() as home, open_instance(name, home) as instance:
        register(instance, [DatasetKey.parse(f"gemma-2-27b__role__persona_{number:05}") for number in range(count)])
        keys = registered_keys(instance)
        job = dg.Definitions(assets=[events_only], jobs=[dg.define_asset_job("job")]).resolve_job_def("job")
        wall, cpu = time.perf_counter(), time.process_time()
        run = job.execute_in_process(
            instance=instance,
            tags={"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        events = len(instance.get_records_for_run(run.run_id).records)
        size = sum(path.stat().st_size for path in Path(home, "history", "runs").iterdir()) / 1e6
    print(
        f"{name:14}{count:6}{events:8}{1000 * wall / events:10.2f}{wall / count:8.4f}{cpu / count:11.4f}{size:7.0f}"
    )


def open_instance(name: str, home: str) -> dg.DagsterInstance:
    module, storage, folders = EVENT_LOGS[name]
    config = {option: str(Path(home, folder)) for option, folder in folders.items()}
    Path(home, "dagster.yaml").touch()  # so that Dagster does not remark on its absence
    event_log = {"module": module, "class": storage, "config": config}
    return dg.DagsterInstance.local_temp(home, {"telemetry": {"enabled": False}, "event_log_storage": event_log})


def metadata(kilobytes: int) -> dict[str, Any]:
    """Numbers, and a picture or a table for the rest."""
    numbers = {"dagster/row_count": 1200, "bytes": 345678, "path": dg.MetadataValue.path("/workspace/dataset")}
    if kilobytes > 20:
        return numbers | {"picture": dg.MetadataValue.md("x" * kilobytes * 1000)}
    rows = [
        dg.TableRecord({"name": f"row {n}", "rows": n, "mean": n / 3, "path": "/w/x"}) for n in range(kilobytes * 10)
    ]
    return numbers | {"table": dg.MetadataValue.table(rows)}


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # Dagster names its previews on every definition
    main()
