"""More processes, more machines: what a run must keep when its workers are elsewhere, die, or are stopped."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from persona_assets.keys import DatasetKey
from persona_assets.run.key_task import KeyTask
from persona_assets.settings import Settings
from persona_assets_tests.end_to_end import OUTPUT_FOLDERS
from persona_assets_tests.raw_corpus import KEYS
from persona_assets_tests.stage_names import STAGES


def tasks_of(settings: Settings, keys: Sequence[str] = KEYS) -> list[KeyTask]:
    """All seven assets of every key."""
    parsed = [DatasetKey.parse(key) for key in keys]
    return [KeyTask(key, settings, STAGES, settings.variants_of(key.kind)) for key in parsed]


def remove_outputs(workspace: Path) -> None:
    """As if nothing had been made yet."""
    for name in (*OUTPUT_FOLDERS, "persona_standings"):
        shutil.rmtree(workspace / name, ignore_errors=True)
