"""The rule of a variant: which rows pass."""

import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.keys import Variant


def find_passing(table: pa.Table, variant: Variant) -> pa.ChunkedArray:
    """Which rows of a table with ``label`` and ``extract_score`` are in ``variant``, as booleans.

    A row without a score on the scale never passes a minimum.
    """
    masks = []
    if variant.min_score is not None:
        masks.append(pc.fill_null(pc.greater_equal(table["extract_score"], variant.min_score), fill_value=False))
    if variant.label is not None:
        masks.append(pc.equal(table["label"], variant.label))
    return pc.and_(*masks) if len(masks) == 2 else masks[0]


def describe_in_sql(variant: Variant) -> str:
    """The same rule as a condition on the same columns."""
    minimum = [] if variant.min_score is None else [f"extract_score >= {variant.min_score}"]
    label = [] if variant.label is None else [f"label = '{variant.label}'"]
    return " AND ".join(minimum + label)
