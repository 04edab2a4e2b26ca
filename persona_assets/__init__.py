"""persona_assets: raw persona conversations become validated datasets, exact token statistics and histograms.

What is named in ``__all__`` is the public Python API; it imports quickly. The stages themselves are in
``persona_assets.stages``, and running them through Dagster is what ``persona_assets.definitions`` is for.
"""

from persona_assets.errors import (
    InconsistentOutputError,
    InvalidNameError,
    MissingInputError,
    PersonaAssetsError,
    RawDataError,
    SettingsError,
    StorageError,
    TokenizerError,
)
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.settings import Settings, load_settings
from persona_assets.views import open_views
from persona_assets.workspace import Workspace

__all__ = [
    "ROLE",
    "TRAIT",
    "DatasetKey",
    "DatasetName",
    "InconsistentOutputError",
    "InvalidNameError",
    "Kind",
    "MissingInputError",
    "PersonaAssetsError",
    "RawDataError",
    "Settings",
    "SettingsError",
    "StorageError",
    "TokenizerError",
    "Variant",
    "Workspace",
    "load_settings",
    "open_views",
]
