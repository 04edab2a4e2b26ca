"""Which answers of a dataset were cut off, from its rows and their token counts."""

import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.statistics.truncation import MEASURES, Truncation, find_truncated


def find_cuts(dataset: pa.Table, counts: pa.Table) -> Truncation:
    """Judge every row. ``counts`` are the dataset's token counts, row by row."""
    reasons = dataset["finish_reason"].to_pylist() if "finish_reason" in dataset.column_names else None
    lengths = {name: counts[name].to_pylist() for name in MEASURES}
    return find_truncated(lengths, _take_answers(dataset["messages"]), reasons)


def _take_answers(messages: pa.ChunkedArray) -> pa.StringArray:
    """The last message of each conversation; null where there is none."""
    lengths = pc.list_value_length(messages).combine_chunks().cast(pa.int64())
    last = pc.subtract(pc.cumulative_sum(lengths), 1)
    contents = pc.struct_field(pc.list_flatten(messages), "content")
    whole = contents.chunk(0) if contents.num_chunks == 1 else contents.combine_chunks()  # a copy only if it must be
    return whole.take(pc.if_else(pc.greater(lengths, 0), last, pa.scalar(None, pa.int64())))
