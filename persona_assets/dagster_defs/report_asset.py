"""The unpartitioned report: the whole workspace as a static site."""

from datetime import UTC, datetime

import dagster as dg

from persona_assets.dagster_defs.collection_assets import GROUP
from persona_assets.dagster_defs.readable import readable_metadata
from persona_assets.dagster_defs.steps import step_settings
from persona_assets.dagster_runtime.own_names import CATALOGUE, REPORT
from persona_assets.report.serving import LOOPBACK
from persona_assets.stages.conversation_signs.spec import CONVERSATION_SIGNS
from persona_assets.stages.histogram.spec import HISTOGRAM
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import TOKEN_STATS
from persona_assets.workspace import Workspace

_READ = (RAW_CONVERSATIONS, SCORED_DATASET, TOKEN_STATS, HISTOGRAM, CONVERSATION_SIGNS)


@dg.asset(name=REPORT, group_name=GROUP, deps=[CATALOGUE, *(stage.name for stage in _READ)], kinds={"html"})
def persona_report(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Pages to read: all keys in one table, what needs attention first, what each minimum score keeps, models side by
    side, what changed, and for every key its checks, its offending lines and some of its conversations.

    Only the pages of keys that have changed are made again. ``persona-assets dev`` serves them beside the UI.
    """
    # datasets takes a second to import, which a code location should not pay for on loading.
    from persona_assets.report.build import build_report
    from persona_assets.report.standings import read_standings

    with step_settings(context) as settings:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        built = build_report(settings, read_standings(Workspace.of(settings)), now)
    return dg.MaterializeResult(
        metadata=readable_metadata(
            {
                "report": dg.MetadataValue.url(f"http://{LOOPBACK}:{settings.report_port}/"),
                "path": dg.MetadataValue.path(built.index),
                "keys": built.keys,
                "rebuilt": built.rebuilt,
                "removed": built.removed,
            }
        )
    )
