"""The stages in order: their names are the asset names. Light to import, for code that only names them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StageText:
    """A stage as the asset graph shows it."""

    name: str
    description: str
    kinds: frozenset[str]
    code_version: str
    """Raised whenever the stage's code would make something else of the same input."""


RAW_CONVERSATIONS = "raw_conversations"
SCORED_DATASET = "scored_dataset"
FILTERED_VARIANTS = "filtered_variants"
PARQUET_EXPORT = "parquet_export"
TOKEN_STATS = "token_stats"
HISTOGRAM = "histogram"

STAGES = (
    StageText(
        RAW_CONVERSATIONS,
        "Every line of the raw JSONL accounted for: a row kept, or a line quarantined with its reason.",
        frozenset({"python", "json"}),
        "1",
    ),
    StageText(
        SCORED_DATASET,
        "The conversations with the judge's scores and their status, as a Hugging Face dataset folder.",
        frozenset({"huggingface", "arrow"}),
        "1",
    ),
    StageText(
        FILTERED_VARIANTS,
        "Datasets of the rows at or above a score, of one label, or both. Roles: min3. Traits: pos, neg, min70__pos.",
        frozenset({"huggingface", "arrow"}),
        "1",
    ),
    StageText(
        PARQUET_EXPORT,
        "The dataset and its variants as zstd Parquet, equal row for row to the folders.",
        frozenset({"parquet"}),
        "1",
    ),
    StageText(
        TOKEN_STATS,
        "Tokens of every conversation, with the model's own tokenizer and chat template, and their statistics.",
        frozenset({"transformers", "parquet", "json"}),
        "1",
    ),
    StageText(
        HISTOGRAM,
        "One picture: tokens per conversation, and conversations and tokens by score.",
        frozenset({"matplotlib"}),
        "1",
    ),
)
STAGE_NAMES = tuple(stage.name for stage in STAGES)
CODE_VERSIONS = {stage.name: stage.code_version for stage in STAGES}
