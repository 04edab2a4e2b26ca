"""The rule of a variant: which rows pass."""

from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.keys import Variant


def find_passing(table: pa.Table, variant: Variant) -> pa.ChunkedArray:
    """Which rows of a table with ``label`` and ``extract_score`` are in ``variant``, as booleans.

    A row without a score on the scale passes neither a minimum nor a maximum.
    """
    masks = []
    if variant.min_score is not None:
        masks.append(pc.fill_null(pc.greater_equal(table["extract_score"], variant.min_score), fill_value=False))
    if variant.max_score is not None:
        masks.append(pc.fill_null(pc.less_equal(table["extract_score"], variant.max_score), fill_value=False))
    if variant.label is not None:
        masks.append(pc.equal(table["label"], variant.label))
    return reduce(pc.and_, masks)


def describe_in_sql(variant: Variant) -> str:
    """The same rule as a condition on the same columns."""
    minimum = [] if variant.min_score is None else [f"extract_score >= {variant.min_score}"]
    maximum = [] if variant.max_score is None else [f"extract_score <= {variant.max_score}"]
    label = [] if variant.label is None else [f"label = '{variant.label}'"]
    return " AND ".join(minimum + maximum + label)
