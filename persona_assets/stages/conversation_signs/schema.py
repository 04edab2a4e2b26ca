"""The columns of the signs, apart from what looks for them, which takes longer to import."""

import pyarrow as pa

IDENTITY = ("label", "prompt_index", "question_index", "sample_index")
"""The last only where the dataset has it."""
FLAGS = (
    "other_model_named",
    "instruction_left_out",
    "instruction_leaked",
    "think_residue",
    "template_tokens",
    "empty_or_one_word",
    "self_identification",
    "quotes_system_prompt",
)
"""The columns that are true or false."""
SIGNS_SCHEMA = pa.schema(
    {
        "label": pa.string(),
        "prompt_index": pa.int64(),
        "question_index": pa.int64(),
        "sample_index": pa.int64(),
        "form": pa.string(),
        "truncated": pa.string(),
        "near_duplicate_of": pa.int64(),
        **dict.fromkeys(FLAGS, pa.bool_()),
    }
)
"""One row per conversation, in the dataset's order."""


def choose_schema(dataset: pa.Table) -> pa.Schema:
    """The columns of ``SIGNS_SCHEMA`` that the signs of ``dataset`` have."""
    absent = set(IDENTITY) - set(dataset.column_names)
    return pa.schema([field for field in SIGNS_SCHEMA if field.name not in absent])
