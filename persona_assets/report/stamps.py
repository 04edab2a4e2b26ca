"""What the page of a key depends on, as one hash."""

import hashlib
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.regular_files import read_regular
from persona_assets.report.key_page import Standing
from persona_assets.report.rendering import fingerprint_code
from persona_assets.stages.token_stats.spec import PICTURE
from persona_assets.store.records import MOST_BYTES
from persona_assets.workspace import Workspace


def stamp_key(workspace: Workspace, key: DatasetKey, standing: Standing, baseline: DatasetKey | None) -> str:
    """A hash over the records of a key and of its baseline, how it stands, and the code.

    The manifest names every output by its hash, so that the outputs themselves are not read.
    """
    parts = [
        fingerprint_code(),
        str(workspace.root),
        standing.state,
        standing.reason,
        hash_file(workspace.manifest(key)),
        hash_file(workspace.last_outcome(key)),
        hash_file(workspace.manifest(baseline)) if baseline else "",
        str(PICTURE.path(workspace.root, key).exists()),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def hash_file(path: Path) -> str:
    """Empty if it cannot be read."""
    try:
        return hashlib.sha256(read_regular(path, MOST_BYTES)).hexdigest()
    except OSError:
        return ""
