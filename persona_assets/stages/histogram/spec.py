"""What histogram declares: its check, record and inputs."""

import msgspec

from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import Check, Need, Stage
from persona_assets.stages.token_stats.spec import PICTURE, TOKEN_STATS
from persona_assets.store.content import Content

NAME = "histogram"

EXAMPLE = """\
from matplotlib import pyplot as plt

plt.imshow(plt.imread("{workspace}/persona_token_plots/{key}.png"))
"""

PICTURE_VALID = Check(
    "picture_valid", NAME, "The picture is a whole PNG, drawn from the numbers of the statistics.", severe=True
)


class PictureInputs(msgspec.Struct, frozen=True):
    """What the picture depends on."""

    token_stats: dict[str, Content]
    """The outputs of that stage."""


class HistogramRecord(StageRecord[PictureInputs], frozen=True, kw_only=True):
    """How many conversations the picture shows."""

    conversations: Count


def find_inputs(now: Now) -> PictureInputs:
    return PictureInputs(now.manifest.get(TOKEN_STATS).outputs)


def load_code() -> StageCode:
    from persona_assets.stages.histogram.checks import check
    from persona_assets.stages.histogram.display import show
    from persona_assets.stages.histogram.make import make
    from persona_assets.stages.token_stats.reading import TOKEN_COUNTS

    return StageCode(make, show, takes=(TOKEN_COUNTS,), check=check)


HISTOGRAM = Stage(
    NAME,
    "One picture: tokens per conversation, and conversations and tokens by score.",
    kinds=frozenset({"matplotlib"}),
    code_version="1",
    record=HistogramRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(PICTURE,),
    needs=(Need(TOKEN_STATS),),
    example=EXAMPLE,
    checks=(PICTURE_VALID,),
)
