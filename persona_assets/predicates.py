"""Conditions over the columns of a table, as users write them: SQL, as DuckDB understands it.

A condition about a null is neither true nor false, so it chooses no row, and neither does its opposite.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from persona_assets.errors import SettingsError

_SEALED: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "lock_configuration": "true",
}
"""A condition sees the table and nothing else: no files, no variables of Python, no network."""


def mark_rows(table: pa.Table, predicate: str, origin: str) -> pa.Array:
    """For each row of ``table``, whether ``predicate`` is true of it. Errors name ``origin``, where it was written.

    Raises:
        SettingsError: it is not a condition over the columns of ``table``.
    """
    with duckdb.connect(":memory:", config=_SEALED) as connection:
        try:
            marked = connection.from_arrow(table).project(f"({predicate}\n) AS marked").to_arrow_table()["marked"]
        except duckdb.Error as error:
            raise SettingsError(f"{origin}: {predicate!r} cannot be evaluated: {_first_line(error)}") from error
    if marked.type != pa.bool_() or len(marked) != table.num_rows:
        raise SettingsError(
            f"{origin}: {predicate!r} is no condition; write a comparison over these columns: "
            f"{', '.join(table.column_names)}"
        )
    return pc.fill_null(marked, False).combine_chunks()


def choose_rows(table: pa.Table, predicate: str, origin: str) -> pa.Table:
    """The rows of ``table`` of which ``predicate`` is true, in their order.

    Raises:
        SettingsError: it is not a condition over the columns of ``table``.
    """
    return table.filter(mark_rows(table, predicate, origin))


def _first_line(error: duckdb.Error) -> str:
    """What went wrong, without the drawing of where; the names of columns that come close are kept."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(line for line in lines if not line.startswith(("LINE", "^")))
