"""SQL over a whole workspace: the views of ``collection.views`` in a database in memory."""

import tempfile
from typing import TYPE_CHECKING

from persona_assets.workspace import Workspace

if TYPE_CHECKING:
    import duckdb


def connect(workspace: Workspace) -> "duckdb.DuckDBPyConnection":
    """A connection that has the views over the workspace as it is now, and sees the tables of its caller.

    What does not fit into memory goes to the system's folder for temporary files. DuckDB's default is the current
    folder, which may be the workspace.

    Raises:
        StorageError: a folder of the workspace cannot be listed.
    """
    import duckdb

    from persona_assets.collection.views import describe_views

    connection = duckdb.connect(config={"temp_directory": tempfile.gettempdir(), "python_scan_all_frames": "true"})
    connection.execute(describe_views(workspace))
    return connection
