"""The raw files in the asset graph. They come from elsewhere: the graph shows who reads them, and makes none."""

from collections.abc import Iterator

import dagster as dg
from dagster._core.definitions.data_version import DATA_VERSION_IS_USER_PROVIDED_TAG, DATA_VERSION_TAG

from persona_assets.dagster_defs.column_schemas import describe_columns
from persona_assets.stage.columns import Column
from persona_assets.stage.raw_assets import RESPONSES, SCORES

GROUP = "raw_data"
_SCORE_COLUMNS = (
    Column("score", "number or string", "The judge's score, or that it gave none.", nullable=True),
    Column("coherence", "number", "What the judge of coherence said. Not in every layout.", nullable=True),
    Column("judge_response", "string", "What the judge wrote. Not in every layout.", nullable=True),
)
_TAGS = {"made_for": "each_key"}
AS_FOUND = "as_found"
"""The data version of what is only looked for. Whether an output is out of date is found from the raw files
themselves, key by key, and not from these events."""
ALWAYS_THE_SAME = {DATA_VERSION_TAG: AS_FOUND, DATA_VERSION_IS_USER_PROVIDED_TAG: "true"}

raw_responses = dg.AssetSpec(
    RESPONSES,
    group_name=GROUP,
    description="The conversations as the model's generator wrote them, one file per persona in most layouts.\n\n"
    "They are read and never written. `raw_inventory` finds them.",
    kinds={"json"},
    tags=_TAGS,
)
raw_scores = dg.AssetSpec(
    SCORES,
    group_name=GROUP,
    description="The judge's scores of the conversations. Baselines have none.\n\n"
    "They are read and never written. In some layouts they are in the files of the conversations.",
    kinds={"json"},
    tags=_TAGS,
    metadata=describe_columns(_SCORE_COLUMNS),
)


def note_found(keys: int) -> Iterator[dg.AssetMaterialization]:
    """Events without which the graph would show the raw files as missing."""
    if keys:
        for name in (RESPONSES, SCORES):
            yield dg.AssetMaterialization(
                name,
                description="found by raw_inventory; nothing was made",
                metadata={"keys": keys},
                tags=ALWAYS_THE_SAME,
            )
