"""Arrow tables in a physical form in which equal rows give equal bytes."""

import pyarrow as pa


def copy_to_one_chunk(table: pa.Table) -> pa.Table:
    """Copy ``table`` so that each column is a single array that starts at the beginning of its buffers.

    ``combine_chunks`` alone does not copy a table of one chunk, even if it is a slice of a larger table.
    """
    return pa.concat_tables([table.schema.empty_table(), table]).combine_chunks()
