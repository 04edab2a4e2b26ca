"""Tags that identify the runs of this workspace in a Dagster home that other projects use too."""

import os

from persona_assets.errors import SettingsError
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace

WORKSPACE_TAG = "persona_assets/workspace"
"""The folder that a run works on. Runs with another folder are never touched."""
ABANDONED_TAG = "persona_assets/abandoned"
"""The status of a run when it was found without a living process."""


def tags_of(workspace: Workspace) -> dict[str, str]:
    """The tags of every run of ``workspace``, the same for every path that leads to the folder."""
    return {WORKSPACE_TAG: os.path.realpath(workspace.root)}


def tags_at_load() -> dict[str, str]:
    """The tags by the settings at the time the code location is loaded. Every run reports invalid settings."""
    try:
        return tags_of(Workspace.of(load_settings()))
    except SettingsError:
        return {}
