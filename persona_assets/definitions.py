"""The code location: puts the Dagster definitions together, nothing else."""

import dagster as dg

from persona_assets.dagster_defs.automation import catalogue_sensor, nightly_schedule, raw_files_sensor
from persona_assets.dagster_defs.catalogue_asset import persona_catalogue
from persona_assets.dagster_defs.corpus_assets import persona_token_stats, raw_inventory
from persona_assets.dagster_defs.jobs import (
    check_personas,
    materialise_personas,
    refresh_catalogue,
    register_raw_files,
)
from persona_assets.dagster_defs.persona_pipeline import persona_pipeline
from persona_assets.dagster_defs.pictures_asset import persona_comparison_plots
from persona_assets.progress import NoProgress

defs = dg.Definitions(
    assets=[raw_inventory, persona_pipeline, persona_token_stats, persona_catalogue, persona_comparison_plots],
    jobs=[register_raw_files, materialise_personas, check_personas, refresh_catalogue],
    schedules=[nightly_schedule],
    sensors=[raw_files_sensor, catalogue_sensor],
    resources={"progress": NoProgress()},
    executor=dg.in_process_executor,
)
