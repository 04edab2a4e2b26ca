"""persona_assets: raw persona conversations become validated datasets, exact token statistics and histograms.

What is named in ``__all__`` is the public Python API; it imports quickly. It reads what has been made. To make it,
there are the command ``persona-assets`` and, for Dagster, ``persona_assets.definitions``.

``open`` is meant to be written ``persona_assets.open``. After ``from persona_assets import *`` it would hide the
builtin of that name, as after ``from gzip import *``.
"""

from persona_assets.errors import (
    InconsistentOutputError,
    InvalidNameError,
    MissingInputError,
    PersonaAssetsError,
    SettingsError,
    StorageError,
    UnknownNameError,
)
from persona_assets.keys import DatasetKey, DatasetName, Variant
from persona_assets.kinds import ROLE, TRAIT, Kind
from persona_assets.notebook.collection import Collection, open  # noqa: A004 - see above
from persona_assets.question_splits import split_of

__all__ = [
    "ROLE",
    "TRAIT",
    "Collection",
    "DatasetKey",
    "DatasetName",
    "InconsistentOutputError",
    "InvalidNameError",
    "Kind",
    "MissingInputError",
    "PersonaAssetsError",
    "SettingsError",
    "StorageError",
    "UnknownNameError",
    "Variant",
    "open",
    "split_of",
]
