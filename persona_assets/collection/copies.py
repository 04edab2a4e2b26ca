"""Keys whose raw files are copies of each other: one persona's conversations under another name.

Each such key agrees with itself in every row, so that only a look at all keys can find it.
"""

from collections import defaultdict
from collections.abc import Iterable

from persona_assets.errors import InconsistentOutputError
from persona_assets.keys import DatasetKey
from persona_assets.stage.manifest import Manifest
from persona_assets.stages.raw_conversations.spec import RAW_CONVERSATIONS
from persona_assets.stages.registry import list_stages
from persona_assets.workspace import Workspace

Texts = tuple[str, ...]


def find_copies(workspace: Workspace, keys: Iterable[DatasetKey]) -> list[tuple[DatasetKey, ...]]:
    """Find the keys that were made of files with the same bytes in different places.

    Keys that share a file, as personas in one table do, are not copies. A key with a damaged manifest is left out
    here: its own state names the damage.
    """
    found: dict[Texts, dict[Texts, DatasetKey]] = defaultdict(dict)
    for key in keys:
        try:
            record = Manifest.read(workspace.manifest(key), key, list_stages()).find(RAW_CONVERSATIONS)
        except InconsistentOutputError:
            continue
        if record:
            places = tuple(sorted(stamp.path for stamp in record.sources.values()))
            found[tuple(sorted(record.inputs.files.values()))].setdefault(places, key)
    return sorted(tuple(sorted(by_place.values())) for by_place in found.values() if len(by_place) > 1)
