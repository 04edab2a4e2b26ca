"""The manifest of one key: a section per stage, written when the stage has finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.errors import MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.store.records import read_json, write_json

DATASET_FINGERPRINT = "dataset_fingerprint"
"""The entry by which a stage says which version of the dataset it was made from."""


@dataclass(frozen=True)
class KeyManifest:
    """What was made of a key, by stage; kept in one file."""

    path: Path
    key: DatasetKey

    def section(self, stage: str) -> dict[str, Any]:
        """What ``stage`` recorded about its last materialisation.

        Raises:
            MissingInputError: the stage has not been materialised for this key.
            InconsistentOutputError: the manifest is damaged.
        """
        section = self._sections().get(stage)
        if not isinstance(section, dict):
            raise MissingInputError(
                f"{stage} of {self.key} is not there yet; materialise {stage} of {self.key} first"
            )
        return section

    def write(self, stage: str, section: Mapping[str, Any]) -> None:
        """Replace the section of ``stage``, leaving the other stages' as they are."""
        write_json(self.path, self._sections() | {stage: dict(section)})

    def _sections(self) -> dict[str, Any]:
        try:
            return read_json(self.path, f"all assets of {self.key}")
        except MissingInputError:
            return {}
