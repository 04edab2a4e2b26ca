"""The manifest of one key: a section per stage, written when the stage has finished."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from persona_assets.errors import MissingInputError
from persona_assets.store.records import read_json, write_json


def read_section(path: Path, stage: str) -> dict[str, Any]:
    """What ``stage`` recorded about its last materialisation.

    Raises:
        MissingInputError: the stage has not been materialised for this key.
        InconsistentOutputError: the manifest is damaged.
    """
    section = read_json(path, stage).get(stage)
    if not isinstance(section, dict):
        raise MissingInputError(f"{path} has no {stage} section; materialise {stage} first")
    return section


def write_section(path: Path, stage: str, section: Mapping[str, Any]) -> None:
    """Replace the section of ``stage``, leaving the other stages' as they are."""
    manifest = read_json(path, stage) if path.exists() else {}
    write_json(path, manifest | {stage: dict(section)})
