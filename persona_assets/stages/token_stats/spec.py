"""What token_stats declares: its outputs, checks, record and inputs."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from persona_assets.keys import DatasetKey
from persona_assets.settings import Settings
from persona_assets.stage.code import StageCode
from persona_assets.stage.now import Now
from persona_assets.stage.records import Count, StageRecord
from persona_assets.stage.spec import Check, Need, Output, Stage
from persona_assets.stages.filtered_variants.spec import FILTERED_VARIANTS, RowsInputs, find_rows_inputs
from persona_assets.stages.scored_dataset.spec import SCORED_DATASET
from persona_assets.stages.token_stats.dictionary import COUNT_COLUMNS
from persona_assets.tokens.identity import CountingMethod, TokenizerIdentity

NAME = "token_stats"
STATISTICS = Output("persona_token_stats", ".json")
"""The statistics of the dataset and its variants."""
COUNTS = Output("persona_token_stats", ".parquet")
"""The tokens of every row."""
PICTURE = Output("persona_token_plots", ".png")
"""Drawn by a later stage. It is declared here because the statistics say where it is."""

EXAMPLE = """\
import json
from pathlib import Path

import pandas as pd

counts = pd.read_parquet("{workspace}/persona_token_stats/{key}.parquet")
statistics = json.loads(Path("{workspace}/persona_token_stats/{key}.json").read_text())
pd.DataFrame(statistics["thresholds"])  # the rows and tokens that each minimum score keeps
"""

STATISTICS_ADD_UP = Check(
    "statistics_add_up",
    NAME,
    "Conversations and tokens by score, and by label, sum to the totals. The totals and the rows that the chat "
    "template refuses are the dataset's rows.",
    severe=True,
    gates=True,
)
TOKENIZER_IDENTITY = Check(
    "tokenizer_identity", NAME, "The tokens were counted with the tokenizer configured for the model.", severe=False
)
COUNTS_VERIFIED = Check(
    "token_counts_verified",
    NAME,
    "Fast counting gave transformers' own counts, on a fixed set of hard texts and on a sample of these rows.",
    severe=False,
)
TEMPLATE_ACCEPTS = Check(
    "template_accepts_rows", NAME, "The chat template refuses no conversation, so that all are counted.", severe=False
)
GENERATOR_AGREES = Check(
    "generator_counts_agree",
    NAME,
    "Where the generator recorded how many tokens it wrote, the answers have as many.",
    severe=False,
)


class CountingInputs(RowsInputs, frozen=True):
    """What counts and statistics depend on."""

    tokenizer: TokenizerIdentity
    long_answer_tokens: int


class TokenStatsRecord(StageRecord[CountingInputs], frozen=True, kw_only=True):
    """Totals of the dataset, and how its tokens were counted."""

    rows: Count
    refused_by_template: Count
    refusal: str | None = None
    tokens: Count
    counting: CountingMethod


def find_inputs(now: Now) -> CountingInputs:
    rows = find_rows_inputs(now)
    return CountingInputs(rows.dataset_fingerprint, rows.variants, _identify(now), now.settings.long_answer_tokens)


def _identify(now: Now) -> TokenizerIdentity:
    record = now.manifest.find(TOKEN_STATS)
    if not now.exact and record:
        settings, model = now.settings, now.key.model
        arguments = settings.chat_template_arguments.get(model, {})
        configured = str(settings.models.get(model))
        return replace(record.inputs.tokenizer, id=configured, chat_template_arguments=arguments)
    from persona_assets.tokens.loading import load_tokenizer

    return load_tokenizer(now.key.model, now.settings).identity


def list_tokenizer_files(key: DatasetKey, settings: Settings) -> Sequence[Path]:
    """The files that the tokenizer configured for the model of ``key`` is made of; none if none is configured."""
    from persona_assets.tokens.finding import find_tokenizer

    tokenizer_id = settings.models.get(key.model)
    return find_tokenizer(tokenizer_id, settings.tokenizers).list_files() if tokenizer_id else []


def load_code() -> StageCode:
    from persona_assets.stages.filtered_variants.reading import VARIANT_ROWS
    from persona_assets.stages.scored_dataset.reading import DATASET
    from persona_assets.stages.token_stats.checks import check
    from persona_assets.stages.token_stats.display import show
    from persona_assets.stages.token_stats.make import make

    return StageCode(make, show, takes=(DATASET, VARIANT_ROWS), check=check, check_takes=(DATASET,))


TOKEN_STATS = Stage(
    NAME,
    "Tokens of every conversation, with the model's own tokenizer and chat template, and their statistics.",
    kinds=frozenset({"transformers", "parquet", "json"}),
    code_version="2",
    record=TokenStatsRecord,
    inputs=find_inputs,
    input_files=list_tokenizer_files,
    load_code=load_code,
    outputs=(STATISTICS, COUNTS),
    needs=(Need(SCORED_DATASET), Need(FILTERED_VARIANTS)),
    columns=COUNT_COLUMNS,
    example=EXAMPLE,
    checks=(STATISTICS_ADD_UP, TOKENIZER_IDENTITY, COUNTS_VERIFIED, TEMPLATE_ACCEPTS, GENERATOR_AGREES),
)
