"""Arrow tables in the one physical form in which equal rows are equal bytes."""

import pyarrow as pa


def copy_to_one_chunk(table: pa.Table) -> pa.Table:
    """Copy ``table`` so that each column is one array that begins at its buffers' start.

    ``combine_chunks`` alone leaves a table of one chunk as it is, even if it is a slice of a larger one.
    """
    return pa.concat_tables([table.schema.empty_table(), table]).combine_chunks()
