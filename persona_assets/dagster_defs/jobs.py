"""Jobs one can launch by name, from the UI, the command line or a schedule."""

import dagster as dg

from persona_assets.dagster_defs.catalogue_asset import persona_catalogue
from persona_assets.dagster_defs.collection_assets import persona_token_stats, raw_inventory
from persona_assets.dagster_defs.comparison_plots_asset import persona_comparison_plots
from persona_assets.dagster_defs.report_asset import persona_report
from persona_assets.dagster_defs.stage_assets import build_stage_assets
from persona_assets.dagster_runtime.own_names import CHECK, MATERIALISE, REFRESH, REGISTER
from persona_assets.dagster_runtime.run_tags import tags_at_load
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_partitionings

_STEPS = {partitioning.name: build_stage_assets(partitioning) for partitioning in list_partitionings()}
_PERSONA_STAGES = _STEPS[PERSONAS.name]
_OF_ALL_KEYS = (persona_token_stats, persona_catalogue, persona_comparison_plots, persona_report)
ASSETS = (raw_inventory, *_STEPS.values(), *_OF_ALL_KEYS)
_TAGS = tags_at_load()

materialise_personas = dg.define_asset_job(
    MATERIALISE,
    selection=dg.AssetSelection.assets(_PERSONA_STAGES),
    description="All assets of the partitions chosen.",
    run_tags=_TAGS,
)
register_raw_files = dg.define_asset_job(
    REGISTER,
    selection=dg.AssetSelection.assets(raw_inventory),
    description="Scan the raw root and register a partition for every new raw file.",
    run_tags=_TAGS,
)
refresh_catalogue = dg.define_asset_job(
    REFRESH,
    selection=dg.AssetSelection.assets(raw_inventory, *_OF_ALL_KEYS),
    description="Register new raw files, see how every key stands, and renew the files, pictures and pages of all "
    "keys.",
    run_tags=_TAGS,
)
check_personas = dg.define_asset_job(
    CHECK,
    selection=dg.AssetSelection.checks_for_assets(_PERSONA_STAGES),
    description="All checks of the partitions chosen, or of all, on what is on disk; nothing is made anew.",
    run_tags=_TAGS,
)

JOBS = (register_raw_files, materialise_personas, check_personas, refresh_catalogue)
