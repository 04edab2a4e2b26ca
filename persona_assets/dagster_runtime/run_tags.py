"""The tags by which runs of this workspace are known in a Dagster home that other projects use too."""

import os

from persona_assets.errors import SettingsError
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace

WORKSPACE_TAG = "persona_assets/workspace"
"""The folder that a run works on. Nothing is ever decided for a run that has another."""
ABANDONED_TAG = "persona_assets/abandoned"
"""The status in which a run was found without a living process."""


def tags_of(workspace: Workspace) -> dict[str, str]:
    """What every run of ``workspace`` is tagged with, by whatever name the folder was given."""
    return {WORKSPACE_TAG: os.path.realpath(workspace.root)}


def tags_at_load() -> dict[str, str]:
    """By the settings as the code location is loaded; settings that cannot be used are reported by every run."""
    try:
        return tags_of(Workspace.of(load_settings()))
    except SettingsError:
        return {}
