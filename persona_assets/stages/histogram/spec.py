"""What histogram declares: its check, record and inputs."""

import msgspec

from persona_assets.settings import PICTURE_FORMATS
from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import Check, Need, Output, Stage
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import PICTURE, TOKEN_STATS
from persona_assets.store.content import Content

NAME = "histogram"
BESIDE = {form: Output(PICTURE.folder, f".{form}") for form in PICTURE_FORMATS if not PICTURE.suffix.endswith(form)}
"""The same picture in the formats that are written only if asked for."""

EXAMPLE = """\
from matplotlib import pyplot as plt

plt.imshow(plt.imread("{workspace}/persona_token_plots/{key}.png"))
"""

PICTURE_VALID = Check(
    "picture_valid",
    NAME,
    "The picture is a whole PNG, drawn from the numbers of the statistics. The formats beside it are whole too.",
    severe=True,
)


class PictureInputs(msgspec.Struct, frozen=True):
    """What the picture depends on."""

    token_stats: dict[str, Content]
    """The outputs of that stage."""
    dataset_fingerprint: str
    """Of the rows that say which answers were cut off."""
    formats: tuple[str, ...]


class HistogramRecord(StageRecord[PictureInputs], frozen=True, kw_only=True):
    """How many conversations the picture shows."""

    conversations: Count


def find_inputs(now: Now) -> PictureInputs:
    return PictureInputs(
        now.manifest.get(TOKEN_STATS).outputs,
        now.manifest.get(SCORED_DATASET).dataset_fingerprint,
        now.settings.picture_formats,
    )


def load_code() -> StageCode:
    from persona_assets.stages.histogram.checks import check
    from persona_assets.stages.histogram.display import show
    from persona_assets.stages.histogram.make import make
    from persona_assets.stages.scored_dataset.reading import DATASET
    from persona_assets.stages.token_stats.reading import TOKEN_COUNTS

    return StageCode(make, show, takes=(DATASET, TOKEN_COUNTS), check=check)


HISTOGRAM = Stage(
    NAME,
    "One picture: how long the answers of each label are, how they were scored, and what a minimum score keeps.",
    kinds=frozenset({"matplotlib"}),
    code_version="2",
    record=HistogramRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(PICTURE, *BESIDE.values()),
    needs=(Need(SCORED_DATASET), Need(TOKEN_STATS)),
    example=EXAMPLE,
    checks=(PICTURE_VALID,),
)
