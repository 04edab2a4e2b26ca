"""Making sure that a path is that of a workspace, before anything is looked for in it."""

import os
from pathlib import Path

from persona_assets.errors import MissingInputError
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.workspace import Workspace


def find_workspace(path: str | os.PathLike[str]) -> Workspace:
    """The workspace at ``path``.

    Raises:
        MissingInputError: there is no folder, or it is no workspace, or nothing was ever made in it.
    """
    root = Path(path).expanduser().absolute()
    if not root.is_dir():
        raise MissingInputError(f"{root} is not a folder; give the path of a workspace").about(path=root)
    workspace = Workspace(root, root)
    if not _holds_anything(workspace):
        raise MissingInputError(f"{root} {_explain(workspace)}").about(path=root)
    return workspace


def _holds_anything(workspace: Workspace) -> bool:
    if any(folder.is_dir() for folder in (workspace.manifests, workspace.last_outcomes)):
        return True
    from persona_assets.stages.parquet_export.spec import PARQUET_FILE

    return (workspace.root / PARQUET_FILE.folder).is_dir()


def _explain(workspace: Workspace) -> str:
    root = workspace.root
    for parent in root.parents:
        if Workspace(parent, parent).manifests.is_dir():
            return f"is a folder of a workspace; open the workspace itself, {parent}"
    if (root / SETTINGS_FILE).exists() or workspace.dagster_home.exists():
        return "is a workspace in which nothing has been made yet; run 'persona-assets generate' first"
    return (
        f"is not a workspace: it has neither datasets nor {workspace.manifests.name}; "
        "give the folder that PERSONA_WORKSPACE names where the datasets are made"
    )
