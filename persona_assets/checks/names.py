"""Every check by name, what it asks, and what it means when it fails. Light to import.

ERROR: the output is not to be used. Where such a check also gates, the key's later stages do not run.
WARN: the output is sound, but the raw data is not what one would expect.
"""

from dataclasses import dataclass

from persona_assets.stages.names import (
    FILTERED_VARIANTS,
    HISTOGRAM,
    PARQUET_EXPORT,
    RAW_CONVERSATIONS,
    SCORED_DATASET,
    TOKEN_STATS,
)


@dataclass(frozen=True)
class Check:
    """One asset check. ``severe`` is Dagster's ERROR, otherwise WARN."""

    name: str
    stage: str
    description: str
    severe: bool
    gates: bool = False


LEDGER_BALANCES = Check(
    "row_ledger_balances", RAW_CONVERSATIONS, "Lines read = rows kept + lines quarantined.", severe=True, gates=True
)
NO_QUARANTINED_LINES = Check(
    "no_quarantined_lines", RAW_CONVERSATIONS, "Every line of the raw file became a row.", severe=False
)
NO_DUPLICATE_ROWS = Check(
    "no_duplicate_rows", RAW_CONVERSATIONS, "No two lines have one label, prompt and question.", severe=False
)
ALL_ROWS_PRESENT = Check(
    "all_rows_present",
    RAW_CONVERSATIONS,
    "Every prompt of every label was asked every question that occurs in the file.",
    severe=False,
)
SCHEMA = Check(
    "schema", SCORED_DATASET, "The dataset folder loads with exactly the documented columns.", severe=True, gates=True
)
SCORE_RANGE = Check(
    "score_range",
    SCORED_DATASET,
    "A score is on its scale exactly where its status is ok, and null elsewhere.",
    severe=True,
    gates=True,
)
SCORE_COVERAGE = Check(
    "score_coverage",
    SCORED_DATASET,
    "At least nine in ten rows of each label the judge scores are scored.",
    severe=False,
)
SCORE_FILE_ACCOUNTED = Check(
    "score_file_accounted",
    SCORED_DATASET,
    "Every entry of the score file is a usable score of one row.",
    severe=False,
)
VARIANTS_CONSISTENT = Check(
    "variants_consistent",
    FILTERED_VARIANTS,
    "Every row of a variant passes its filter, and no row that passes is missing.",
    severe=True,
    gates=True,
)
PARQUET_EQUALS_FOLDER = Check(
    "parquet_equals_folder", PARQUET_EXPORT, "Each Parquet file holds the rows and types of its folder.", severe=True
)
STATISTICS_ADD_UP = Check(
    "statistics_add_up",
    TOKEN_STATS,
    "Conversations and tokens by score, and by label, sum to the totals, and the totals are the dataset's rows.",
    severe=True,
    gates=True,
)
TOKENIZER_IDENTITY = Check(
    "tokenizer_identity",
    TOKEN_STATS,
    "The tokens were counted with the tokenizer configured for the model.",
    severe=False,
)
COUNTS_VERIFIED = Check(
    "token_counts_verified",
    TOKEN_STATS,
    "Fast counting gave transformers' own counts, on a fixed set of hard texts and on a sample of these rows.",
    severe=False,
)
PICTURE_VALID = Check(
    "picture_valid", HISTOGRAM, "The picture is a whole PNG, drawn from the numbers of the statistics.", severe=True
)

CHECKS = (
    LEDGER_BALANCES,
    NO_QUARANTINED_LINES,
    NO_DUPLICATE_ROWS,
    ALL_ROWS_PRESENT,
    SCHEMA,
    SCORE_RANGE,
    SCORE_COVERAGE,
    SCORE_FILE_ACCOUNTED,
    VARIANTS_CONSISTENT,
    PARQUET_EQUALS_FOLDER,
    STATISTICS_ADD_UP,
    TOKENIZER_IDENTITY,
    COUNTS_VERIFIED,
    PICTURE_VALID,
)
