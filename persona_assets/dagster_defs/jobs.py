"""Jobs one can launch by name, from the UI, the command line or a schedule."""

import dagster as dg

from persona_assets.collection.dictionary import (
    CATALOGUE_EXAMPLE,
    PAIRS_EXAMPLE,
    PICTURES_EXAMPLE,
    STATISTICS_COLUMNS,
    STATISTICS_EXAMPLE,
)
from persona_assets.dagster_defs.catalogue_asset import persona_catalogue
from persona_assets.dagster_defs.collection_assets import persona_token_stats, raw_inventory
from persona_assets.dagster_defs.comparison_plots_asset import persona_comparison_plots
from persona_assets.dagster_defs.descriptions import describe_asset
from persona_assets.dagster_defs.pairs_asset import persona_pairs
from persona_assets.dagster_defs.raw_files import raw_responses, raw_scores
from persona_assets.dagster_defs.redo import redo_failed_personas
from persona_assets.dagster_defs.report_asset import persona_report
from persona_assets.dagster_defs.stage_assets import build_stage_assets
from persona_assets.dagster_runtime.own_names import CHECK, MAKE_SETS, MATERIALISE, REFRESH, REGISTER
from persona_assets.dagster_runtime.run_tags import tags_at_load
from persona_assets.stage.columns import take_over
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.contrast_pairs.dictionary import PAIR_COLUMNS
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.stages.registry import list_partitionings
from persona_assets.stages.training_sets.spec import BY_SET

_STEPS = {partitioning.name: build_stage_assets(partitioning) for partitioning in list_partitionings()}
_PERSONA_STAGES = _STEPS[PERSONAS.name]
_OF_ALL_KEYS = (
    describe_asset(persona_token_stats, STATISTICS_EXAMPLE, STATISTICS_COLUMNS),
    describe_asset(persona_pairs, PAIRS_EXAMPLE, take_over(PAIR_COLUMNS, CONTRAST_PAIRS.name)),
    describe_asset(persona_catalogue, CATALOGUE_EXAMPLE),
    describe_asset(persona_comparison_plots, PICTURES_EXAMPLE),
    describe_asset(persona_report),
)
ASSETS: tuple[dg.AssetsDefinition | dg.AssetSpec, ...] = (
    raw_responses,
    raw_scores,
    describe_asset(raw_inventory),
    *_STEPS.values(),
    *_OF_ALL_KEYS,
)
"""Everything in the asset graph, in the order of work."""
_TAGS = tags_at_load()

materialise_personas = dg.define_asset_job(
    MATERIALISE,
    selection=dg.AssetSelection.assets(_PERSONA_STAGES),
    description="Makes all assets of the partitions chosen. What is up to date is left as it is.\n\n"
    "The command `persona-assets generate` does the same for all keys.",
    run_tags=_TAGS,
)
register_raw_files = dg.define_asset_job(
    REGISTER,
    selection=dg.AssetSelection.assets(raw_inventory),
    description="Scans the raw root and adds a partition for every new raw file. `persona-assets dev` does "
    "so as it starts.",
    run_tags=_TAGS,
)
refresh_catalogue = dg.define_asset_job(
    REFRESH,
    selection=dg.AssetSelection.assets(raw_inventory, *_OF_ALL_KEYS),
    description="Registers new raw files, looks how every key stands, and renews the files, pictures and pages of "
    "all keys. `catalogue_sensor` launches it whenever work on the partitions has come to rest.",
    run_tags=_TAGS,
)
make_training_sets = dg.define_asset_job(
    MAKE_SETS,
    selection=dg.AssetSelection.assets(_STEPS[BY_SET.name]),
    description="Makes the training sets chosen, from the datasets as they are. What is up to date is left as it "
    "is.\n\nThe command `persona-assets train-set make` does the same.",
    run_tags=_TAGS,
)
check_personas = dg.define_asset_job(
    CHECK,
    selection=dg.AssetSelection.checks_for_assets(_PERSONA_STAGES),
    description="Runs all checks of the partitions chosen, or of all, on what is on disk. Nothing is made.\n\n"
    "Use it after a copy, or when you distrust the disk.",
    run_tags=_TAGS,
)

JOBS = (
    register_raw_files,
    materialise_personas,
    redo_failed_personas,
    make_training_sets,
    check_personas,
    refresh_catalogue,
)
