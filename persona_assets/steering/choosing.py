"""The keys that names and patterns such as ``gemma*__trait__*`` mean, among those of which something was made."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from persona_assets.errors import InvalidNameError, MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.workspace import Workspace

_SUFFIX = ".json"
_ALIKE = 0.8
"""All keys of one model begin alike, so a key that was meant is much alike."""


def choose_keys(workspace: Workspace, patterns: Iterable[str]) -> list[DatasetKey]:
    """The keys that fit any of ``patterns``, sorted.

    Raises:
        MissingInputError: a pattern fits none.
    """
    made = _list_made(workspace)
    chosen: set[DatasetKey] = set()
    for pattern in patterns:
        fitting = [key for key in made if fnmatchcase(str(key), pattern)]
        if not fitting:
            raise MissingInputError(f"nothing was made of {pattern}{_suggest(pattern, made)}")
        chosen.update(fitting)
    return sorted(chosen)


def _list_made(workspace: Workspace) -> list[DatasetKey]:
    folder = workspace.manifest("").parent
    found = []
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            found.append(DatasetKey.parse(path.name.removesuffix(_SUFFIX)))
        except InvalidNameError:  # the manifest of something else than a persona
            continue
    return sorted(found)


def _suggest(pattern: str, made: Sequence[DatasetKey]) -> str:
    close = get_close_matches(pattern, map(str, made), 3, _ALIKE)
    alike = f"; did you mean {' or '.join(close)}?" if close else ""
    return alike or "; see 'persona-assets list'"
