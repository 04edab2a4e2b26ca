"""The code location: puts the Dagster definitions together, nothing else."""

import dagster as dg

from persona_assets.dagster_defs.automation import catalogue_sensor, nightly_schedule, raw_files_sensor
from persona_assets.dagster_defs.jobs import ASSETS, JOBS
from persona_assets.run.progress import NoProgress

defs = dg.Definitions(
    assets=ASSETS,
    jobs=JOBS,
    schedules=[nightly_schedule],
    sensors=[raw_files_sensor, catalogue_sensor],
    resources={"progress": NoProgress()},
    executor=dg.in_process_executor,
)
