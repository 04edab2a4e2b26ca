"""The names by which Dagster's records are known to be of this package: of its assets, jobs and partitions."""

import dagster as dg

from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_stages

PARTITIONS = PERSONAS.name
RAW_INVENTORY = "raw_inventory"
GATHERED_STATISTICS = "persona_token_stats"
CATALOGUE = "persona_catalogue"
COMPARISON_PLOTS = "persona_comparison_plots"
PAIRS_OF_ALL = "persona_pairs"
REPORT = "persona_report"
_STAGES = (stage.name for stage in list_stages())
_RAW_FILES = {name for stage in list_stages() for name in stage.raw_files}
_OF_ALL_KEYS = (RAW_INVENTORY, GATHERED_STATISTICS, PAIRS_OF_ALL, CATALOGUE, COMPARISON_PLOTS, REPORT)
ASSET_KEYS = frozenset(map(dg.AssetKey, (*_STAGES, *_RAW_FILES, *_OF_ALL_KEYS)))

MATERIALISE = "materialise_personas"
REGISTER = "register_raw_files"
REFRESH = "refresh_catalogue"
CHECK = "check_personas"
REDO_FAILED = "redo_failed_personas"
MAKE_SETS = "make_training_sets"
JOB_NAMES = frozenset({MATERIALISE, REGISTER, REFRESH, CHECK, REDO_FAILED, MAKE_SETS})
