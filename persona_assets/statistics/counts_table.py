"""The table of token counts of one dataset: a row per conversation."""

import pyarrow as pa

SAMPLE_INDEX = pa.field("sample_index", pa.int64())
"""Only where a dataset has several answers to one prompt and question."""

COUNTS_SCHEMA = pa.schema(
    {
        "label": pa.string(),
        "prompt_index": pa.int64(),
        "question_index": pa.int64(),
        "extract_score": pa.int64(),
        "score_status": pa.string(),
        "prompt_tokens": pa.int64(),
        "assistant_tokens": pa.int64(),
        "tokens": pa.int64(),
        "answer_start": pa.int64(),
        "answer_end": pa.int64(),
    }
)
"""One row per conversation, in the dataset's order. ``tokens`` is prompt plus assistant. Rows that the chat template
refuses have no counts."""


def counts_schema(dataset: pa.Schema) -> pa.Schema:
    """The columns of the counts of a dataset that has those of ``dataset``."""
    if SAMPLE_INDEX.name not in dataset.names:
        return COUNTS_SCHEMA
    return COUNTS_SCHEMA.insert(COUNTS_SCHEMA.get_field_index("question_index") + 1, SAMPLE_INDEX)


def select_counted(counts: pa.Table) -> pa.Table:
    """The rows that the chat template accepts."""
    return counts.filter(counts["tokens"].is_valid()) if counts["tokens"].null_count else counts


def select_refused(counts: pa.Table) -> pa.Table:
    """The rows that it refuses."""
    return counts.filter(counts["tokens"].is_null())
