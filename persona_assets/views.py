"""Views over a whole workspace, for notebooks: everything it holds, by SQL."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from persona_assets.errors import MissingInputError
from persona_assets.workspace import Workspace

if TYPE_CHECKING:
    import duckdb


def open_views(workspace: str | PathLike[str]) -> "duckdb.DuckDBPyConnection":
    """Open a DuckDB connection in memory with the views over the workspace at this path, as it is now.

    They are described in docs/outputs.md. Nothing is written.

    Raises:
        MissingInputError: there is no such folder.
    """
    root = Path(workspace).absolute()
    if not root.is_dir():
        raise MissingInputError(f"{root} is not a folder; give the path of a workspace").about(path=root)
    import duckdb  # it takes a quarter of a second to import

    from persona_assets.collection.views import describe_views

    connection = duckdb.connect()
    connection.execute(describe_views(Workspace(root, root)))
    return connection
