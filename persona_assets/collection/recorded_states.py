"""The state of every key as the workspace itself tells it, for readers who have no raw root and no settings.

The catalogue tells it as it was then. The records of a key tell less: whether a raw file, a setting or a tokenizer
has changed since cannot be known from them.
"""

from collections.abc import Mapping

from persona_assets.collection.catalogue import read_catalogue
from persona_assets.collection.listed_keys import list_made
from persona_assets.collection.survey import State
from persona_assets.errors import MissingInputError, PersonaAssetsError
from persona_assets.keys import DatasetKey
from persona_assets.run.last_outcome import LastOutcome, read_last_outcome
from persona_assets.stage.manifest import Manifest
from persona_assets.stage.spec import PERSONAS
from persona_assets.stages.registry import list_stages
from persona_assets.workspace import Workspace

_REQUIRED = tuple(stage for stage in list_stages(PERSONAS) if not stage.optional)


def read_states(workspace: Workspace) -> Mapping[DatasetKey, State]:
    """The state of every key in the catalogue, and of each key with records that is not in it.

    Raises:
        InconsistentOutputError: the catalogue is damaged.
        StorageError: a folder of records cannot be listed.
    """
    catalogued = _read_catalogued(workspace)
    others = [key for key in list_made(workspace) if key not in catalogued]
    return {**catalogued, **{key: find_recorded_state(workspace, key) for key in others}}


def find_recorded_state(workspace: Workspace, key: DatasetKey) -> State:
    """The state of a key, from its manifest and how the last work on it ended."""
    if workspace.journal(key).exists():
        return State.STALE
    try:
        last = read_last_outcome(workspace, key)
        manifest = Manifest.read(workspace.manifest(key), key, list_stages())
    except PersonaAssetsError:
        return State.FAILED
    return _judge(manifest, last)


def _judge(manifest: Manifest, last: LastOutcome) -> State:
    if last.failure or last.failed_checks(severe=True):
        return State.FAILED
    if any(stage.name not in {*manifest.records, *manifest.others} for stage in _REQUIRED):
        return State.MISSING
    if any(stage.name in manifest.others for stage in _REQUIRED):
        return State.STALE
    return State.WARNED if last.failed_checks(severe=False) else State.PASSED


def _read_catalogued(workspace: Workspace) -> Mapping[DatasetKey, State]:
    try:
        entries = read_catalogue(workspace).keys
    except MissingInputError:
        return {}
    return {DatasetKey.parse(name): entry.state for name, entry in entries.items()}
