"""The index of pairs: which row of which dataset goes with which. Texts are joined when they are asked for."""

import pyarrow as pa

SIDES = ("positive", "negative")


def _describe_side(side: str) -> list[pa.Field]:
    return [
        pa.field(f"{side}_dataset", pa.string(), nullable=False),
        pa.field(f"{side}_row", pa.int64(), nullable=False),
        pa.field(f"{side}_label", pa.string(), nullable=False),
        pa.field(f"{side}_prompt_index", pa.int64(), nullable=False),
        pa.field(f"{side}_question_index", pa.int64(), nullable=False),
        pa.field(f"{side}_sample_index", pa.int64(), nullable=False),
        pa.field(f"{side}_score", pa.float64()),
        pa.field(f"{side}_coherence", pa.float64()),
        pa.field(f"{side}_answer_tokens", pa.int64()),
    ]


INDEX_SCHEMA = pa.schema(
    [
        pa.field("dataset", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("persona", pa.string(), nullable=False),
        pa.field("question", pa.string(), nullable=False),
        *_describe_side("positive"),
        *_describe_side("negative"),
        pa.field("coherence_judged", pa.bool_(), nullable=False),
        pa.field("gap", pa.float64()),
    ]
)
"""A row per pair, in the order of the positive rows.

``{side}_row`` counts the rows of ``{side}_dataset`` from 0. ``{side}_sample_index`` is 0 where there is one answer
to each prompt and question. ``{side}_score`` has the judge's fraction where it was kept, and is null where the judge
gave no score. ``coherence_judged`` says whether a judge of coherence saw answers of the datasets at all. ``gap`` is
the positive score less the negative one, null if either is.
"""
