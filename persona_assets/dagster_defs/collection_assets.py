"""The unpartitioned assets: what the raw root holds, and the statistics of all datasets in one file."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from persona_assets.collection.gathered_statistics import write_statistics
from persona_assets.dagster_defs import raw_files
from persona_assets.dagster_defs.partitions import parse_partition_keys, register, registered_keys
from persona_assets.dagster_defs.readable import readable_metadata, readable_text, table
from persona_assets.dagster_defs.steps import step_settings
from persona_assets.dagster_runtime.own_names import GATHERED_STATISTICS, RAW_INVENTORY
from persona_assets.keys import DatasetKey
from persona_assets.kinds import KINDS
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets.workspace import Workspace

GROUP = "corpus"
MAX_LISTED = 100


@dg.asset(name=RAW_INVENTORY, group_name=raw_files.GROUP, kinds={"python"})
def raw_inventory(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Every raw file found under the raw root. Materialising it registers a partition for each new key, and for each
    training set of the settings, and lists the files that cannot be one, with the reason.
    """
    with step_settings(context) as settings:
        inventory = discover(RawCorpus.of(settings))
        new = register(context.instance, inventory.keys)
        register(context.instance, settings.training_sets, BY_SET)
    if not inventory.keys:
        context.log.warning(readable_text(inventory.explain_emptiness()))
    for found in raw_files.note_found(len(inventory.keys)):
        context.log_event(found)
    for file in inventory.unfit:
        context.log.warning(readable_text(f"not taken: {file}"))
    return dg.MaterializeResult(metadata=_describe(inventory, new), data_version=dg.DataVersion(raw_files.AS_FOUND))


def register_without_run(instance: dg.DagsterInstance, inventory: RawInventory) -> list[str]:
    """Register new keys where no run does, and return them. If there are any, or none was ever looked for, the graph
    shows that: Dagster warns of assets whose inventory was never made.
    """
    new = register(instance, inventory.keys)
    if inventory.keys and (new or not instance.get_latest_materialization_event(dg.AssetKey(RAW_INVENTORY))):
        for found in raw_files.note_found(len(inventory.keys)):
            instance.report_runless_asset_event(found)
        described = _describe(inventory, new)
        made = dg.AssetMaterialization(RAW_INVENTORY, metadata=described, tags=raw_files.ALWAYS_THE_SAME)
        instance.report_runless_asset_event(made)
    return new


def _describe(inventory: RawInventory, new: Sequence[str]) -> dict[str, Any]:
    return readable_metadata(
        {
            "raw_root": dg.MetadataValue.path(inventory.root),
            "keys": len(inventory.keys),
            "newly_registered": len(new),
            "unfit_files": len(inventory.unfit),
            "keys_by_model": table(_by_model(inventory)),
            "unfit": [str(file) for file in inventory.unfit[:MAX_LISTED]],
        }
    )


@dg.asset(name=GATHERED_STATISTICS, group_name=GROUP, deps=[TOKEN_STATS.name], kinds={"json", "parquet"})
def persona_token_stats(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """``persona_token_stats.json``, totals and score histograms of every dataset and variant;
    ``persona_token_stats.parquet``, all their statistics as one table with a row per group; and
    ``persona_token_counts.parquet``, the token counts of every row of every dataset.
    """
    with step_settings(context) as settings:
        workspace = Workspace.of(settings)
        keys, invalid = parse_partition_keys(registered_keys(context.instance), DatasetKey.parse)
        written = write_statistics(workspace, keys)
    missing = [str(key) for key in written.without_statistics] + list(invalid)
    return dg.MaterializeResult(
        metadata=readable_metadata(
            {
                "path": dg.MetadataValue.path(workspace.statistics_file),
                "table": dg.MetadataValue.path(workspace.statistics_table),
                "table_rows": written.table_rows,
                "counts": dg.MetadataValue.path(workspace.counts_table),
                "counted_rows": written.counted_rows,
                "datasets": written.datasets,
                "conversations": written.conversations,
                "tokens": written.tokens,
                "keys_without_statistics": len(missing),
                "without_statistics": missing[:MAX_LISTED],
            }
        )
    )


def _by_model(inventory: RawInventory) -> list[dict[str, str | int]]:
    return [
        {"model": reading.model, "layout": reading.layout or "none that is known"}
        | {kind.plural: sum(key.model == reading.model for key in inventory.of_kind(kind)) for kind in KINDS.values()}
        for reading in inventory.models
    ]
