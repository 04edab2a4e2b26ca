"""What the ``datasets`` library leaves in a dataset folder when its user maps, filters or sorts the rows.

The results are cached beside the rows, so that the same call need not work twice. They are of those rows: with the
folder, they go when it is replaced.
"""

import re
import stat
from pathlib import Path

from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.store.splits import SPLIT
from persona_assets.workspace import Workspace

_FORM = re.compile(r"cache-[0-9A-Za-z_.-]+?\.(arrow|lock)|tmp[a-z0-9_]{8}")
"""A result, a lock, and what is being written or was when the process was killed."""


def is_library_cache(workspace: Workspace, path: Path) -> bool:
    """Whether the file at ``path`` has the place and the name that the library gives a cache."""
    at_its_place = path.parent.name == SPLIT and path.parents[2] == workspace.root / DATASET_FOLDER.folder
    return at_its_place and bool(_FORM.fullmatch(path.name)) and stat.S_ISREG(path.lstat().st_mode)
