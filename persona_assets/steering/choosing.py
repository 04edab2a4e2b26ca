"""The keys that names and patterns such as ``gemma*__trait__*`` mean, among those of which something was made."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from persona_assets.collection.listed_keys import list_made
from persona_assets.errors import MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.suggestions import KEYS_ALIKE, suggest
from persona_assets.workspace import Workspace


def choose_keys(workspace: Workspace, patterns: Iterable[str]) -> list[DatasetKey]:
    """The keys that fit any of ``patterns``, sorted.

    Raises:
        MissingInputError: a pattern fits none.
        StorageError: a folder of the workspace cannot be listed.
    """
    made = list_made(workspace)
    chosen: set[DatasetKey] = set()
    for pattern in patterns:
        fitting = [key for key in made if fnmatchcase(str(key), pattern)]
        if not fitting:
            meant = suggest(pattern, map(str, made), KEYS_ALIKE) or "; see 'persona-assets list'"
            raise MissingInputError(f"nothing was made of {pattern}{meant}")
        chosen.update(fitting)
    return sorted(chosen)
