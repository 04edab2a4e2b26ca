"""The unpartitioned pictures: models compared, and every model at a glance."""

import dagster as dg
from pydantic import Field

from persona_assets.dagster_defs.collection_assets import GROUP
from persona_assets.dagster_defs.partitions import parse_partition_keys, registered_keys
from persona_assets.dagster_defs.readable import readable_metadata
from persona_assets.dagster_defs.steps import step_settings
from persona_assets.dagster_runtime.own_names import COMPARISON_PLOTS
from persona_assets.keys import DatasetKey
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.workspace import Workspace


class ComparisonPlotsConfig(dg.Config):
    """What a run may be told."""

    shared_axes: bool = Field(
        default=False,
        description="Also draw the picture of every dataset on the axes of its kind, so that pictures can be laid "
        "side by side. Once drawn they are kept up to date.",
    )


@dg.asset(name=COMPARISON_PLOTS, group_name=GROUP, deps=[TOKEN_STATS.name], kinds={"matplotlib"})
def persona_comparison_plots(
    context: dg.AssetExecutionContext, config: ComparisonPlotsConfig
) -> dg.MaterializeResult[None]:
    """Two pictures of all personas of a model, as they are and against the model as itself, and one of all models for
    each persona. Only those whose statistics have changed are drawn again.
    """
    # matplotlib takes a second to import, which a code location should not pay for on loading.
    from persona_assets.collection.comparison_pictures import draw_pictures

    with step_settings(context) as settings:
        workspace = Workspace.of(settings)
        keys, _ = parse_partition_keys(registered_keys(context.instance), DatasetKey.parse)
        made = draw_pictures(
            workspace,
            keys,
            on_shared_axes=config.shared_axes,
            workers=settings.workers,
            formats=settings.picture_formats,
        )
    return dg.MaterializeResult(
        metadata=readable_metadata(
            {
                "path": dg.MetadataValue.path(workspace.comparisons),
                "overviews": len(made.overviews),
                "differences": len(made.differences),
                "comparisons": made.comparisons,
                "on_shared_axes": made.on_shared_axes,
                "drawn": made.drawn,
                "removed": made.removed,
                "pictures_of_models": [str(path) for path in (*made.overviews, *made.differences)],
            }
        )
    )
