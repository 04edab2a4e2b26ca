"""What contrast_pairs declares: its output, checks, record and inputs."""

from collections.abc import Sequence

import msgspec

from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.sources import locate
from persona_assets.settings import Settings
from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import Check, Need, Output, Stage
from persona_assets.stages.contrast_pairs.dictionary import PAIR_COLUMNS
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.spec import COUNTS, TOKEN_STATS
from persona_assets.store.content import Content

NAME = "contrast_pairs"
PAIRS = Output("persona_pairs", ".parquet")
"""The index of the pairs of a key."""

EXAMPLE = """\
import pandas as pd

pairs = pd.read_parquet("{workspace}/persona_pairs/{key}.parquet").query("gap > 50")
rows = pd.read_parquet("{workspace}/datasets/processed/persona/{key}.parquet")
answers = rows["messages"].str[-1].str["content"]
positive = answers[pairs["positive_row"]]  # row by row, the answers with the trait
negative = answers[pairs["negative_row"]]  # and those against it, to the same questions
"""

PAIRS_HOLD = Check(
    "pairs_hold",
    NAME,
    "Both rows of every pair are as the index says and answer the same question; no row is the positive one twice.",
    severe=True,
)
PAIRS_COMPLETE = Check(
    "pairs_complete", NAME, "At least nine in ten rows with the persona have a counterpart.", severe=False
)


class PairsInputs(msgspec.Struct, frozen=True):
    """What the pairs depend on, besides the baseline's dataset and counts."""

    dataset_fingerprint: str
    counts: dict[str, Content]
    """The file of token counts, by path."""
    baseline: str | None
    """The key that the rows are paired with; None if that is their own, or if there is none."""
    baseline_prompt: int | None
    """Its system prompt."""


class ContrastPairsRecord(StageRecord[PairsInputs], frozen=True, kw_only=True):
    """How many pairs there are, and how many rows have none."""

    pairs: Count
    baseline_made: bool
    """Whether the rows of the baseline were there to be paired with; False also if there is no baseline."""
    unmatched: Count
    """Rows with the persona that have no counterpart."""
    other_question: Count
    """Those whose counterpart answers another question."""
    negatives_left: Count
    """Counterparts that are in no pair."""


def list_baselines(key: DatasetKey, settings: Settings) -> Sequence[DatasetKey]:
    """The baseline that the rows of ``key`` are paired with: none for a kind that has both sides, for a baseline, and
    where the raw root has none.
    """
    corpus = RawCorpus.of(settings)
    if not key.kind.baselines or locate(corpus, key).is_baseline:
        return ()
    for persona in settings.pair_baselines:
        sources = locate(corpus, DatasetKey(key.model, key.kind_name, persona))
        if sources.key != key and not sources.is_gone():
            return (sources.key,)
    return ()


def find_inputs(now: Now) -> PairsInputs:
    counted = now.manifest.get(TOKEN_STATS).outputs
    baseline = next(iter(list_baselines(now.key, now.settings)), None)
    return PairsInputs(
        now.manifest.get(SCORED_DATASET).dataset_fingerprint,
        {path: content for path, content in counted.items() if path.endswith(COUNTS.suffix)},
        str(baseline) if baseline else None,
        now.settings.pair_baseline_prompt if baseline else None,
    )


def load_code() -> StageCode:
    from persona_assets.stages.contrast_pairs.checks import check
    from persona_assets.stages.contrast_pairs.display import show
    from persona_assets.stages.contrast_pairs.make import make
    from persona_assets.stages.scored_dataset.reading import DATASET
    from persona_assets.stages.token_stats.reading import TOKEN_COUNTS

    taken = (DATASET, TOKEN_COUNTS)
    return StageCode(make, show, takes=taken, check=check, check_takes=taken)


CONTRAST_PAIRS = Stage(
    NAME,
    "Which rows answer the same question with the persona and against it, or as the model's baseline.",
    kinds=frozenset({"parquet"}),
    code_version="1",
    record=ContrastPairsRecord,
    inputs=find_inputs,
    load_code=load_code,
    outputs=(PAIRS,),
    needs=(
        Need(SCORED_DATASET),
        Need(TOKEN_STATS),
        Need(SCORED_DATASET, partitions=list_baselines),
        Need(TOKEN_STATS, partitions=list_baselines),
    ),
    columns=PAIR_COLUMNS,
    example=EXAMPLE,
    checks=(PAIRS_HOLD, PAIRS_COMPLETE),
    optional=True,
)
