"""The unpartitioned pairs: those of all keys in one table, and which keys are ready for a steering vector."""

import dagster as dg

from persona_assets.dagster_defs.collection_assets import GROUP, MAX_LISTED
from persona_assets.dagster_defs.partitions import parse_partition_keys, registered_keys
from persona_assets.dagster_defs.readable import listed, readable_metadata, table
from persona_assets.dagster_defs.steps import step_settings
from persona_assets.dagster_runtime.own_names import PAIRS_OF_ALL
from persona_assets.keys import DatasetKey
from persona_assets.stages.contrast_pairs.spec import CONTRAST_PAIRS
from persona_assets.workspace import Workspace


@dg.asset(name=PAIRS_OF_ALL, group_name=GROUP, deps=[CONTRAST_PAIRS.name], kinds={"parquet", "json"})
def persona_pairs(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """``persona_pairs.parquet``, the contrastive pairs of all keys as one table; and which keys have enough of them,
    by which rule: ``persona_readiness.json``, the same as a table in ``persona_readiness.parquet``, and the keys that
    are ready in ``persona_ready.txt``, a rule and a key per line.
    """
    # duckdb takes a quarter of a second to import, which a code location should not pay for on loading.
    from persona_assets.collection.gathered_pairs import write_pairs

    with step_settings(context) as settings:
        workspace = Workspace.of(settings)
        keys, _ = parse_partition_keys(registered_keys(context.instance), DatasetKey.parse)
        written = write_pairs(settings, keys)
    first = dict(list(written.left_out.items())[:MAX_LISTED])
    return dg.MaterializeResult(
        metadata=readable_metadata(
            {
                "ready_keys": table(
                    {"rule": rule, "condition": settings.pair_rules[rule], "keys": keys}
                    for rule, keys in written.ready.items()
                ),
                "dagster/row_count": written.pairs,
                "keys": written.keys,
                "keys_without_pairs": len(written.left_out),
                "without_pairs": listed(first, "key", "reason"),
                "path": dg.MetadataValue.path(workspace.pairs_table),
                "readiness": dg.MetadataValue.path(workspace.readiness_file),
                "ready_list": dg.MetadataValue.path(workspace.ready_list),
            }
        )
    )
