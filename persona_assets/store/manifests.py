"""The manifest of one key: a section per stage, replaced together with the stage's outputs.

A section says what the stage made (``outputs``: size and SHA-256 of every file), what it made it from
(``inputs``: everything its result depends on, by content), which code did, and the stage's own counts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.errors import MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.store.content import Content
from persona_assets.store.records import read_json, write_json
from persona_assets.store.replacement import Replacement

DATASET_FINGERPRINT = "dataset_fingerprint"
"""The entry by which a stage says which version of the dataset it was made from."""
INPUTS = "inputs"
OUTPUTS = "outputs"
CODE = "code"


@dataclass(frozen=True)
class KeyManifest:
    """What was made of a key, by stage; kept in one file."""

    path: Path
    key: DatasetKey
    root: Path
    """Paths of outputs are recorded relative to it, so that a workspace can be moved."""

    def section(self, stage: str) -> dict[str, Any]:
        """What ``stage`` recorded about its last materialisation.

        Raises:
            MissingInputError: the stage has not been materialised for this key.
            InconsistentOutputError: the manifest is damaged.
        """
        section = self.sections().get(stage)
        if not isinstance(section, dict):
            raise MissingInputError(
                f"{stage} of {self.key} is not there yet; materialise {stage} of {self.key} first"
            )
        return section

    def sections(self) -> dict[str, Any]:
        """Every section there is; none where nothing has been materialised."""
        try:
            return read_json(self.path, f"all assets of {self.key}")
        except MissingInputError:
            return {}

    def outputs(self, stage: str) -> dict[Path, Content]:
        """The files ``stage`` recorded, by their absolute path."""
        recorded = self.section(stage)[OUTPUTS]
        return {self.root / path: Content.from_record(record) for path, record in recorded.items()}

    def data_versions(self) -> dict[str, str]:
        """``data_version`` of every section."""
        return {stage: data_version(section) for stage, section in self.sections().items()}

    def stage_section(self, replacement: Replacement, stage: str, section: Mapping[str, Any]) -> None:
        """Renew the section of ``stage`` with the files of ``replacement``, as one more file of it."""
        outputs = {
            str(path.relative_to(self.root)): content.record()
            for path, content in sorted(replacement.contents().items())
        }
        sections = self.sections() | {stage: {**section, OUTPUTS: outputs}}
        write_json(replacement.file(self.path), sections)


def data_version(section: Mapping[str, Any]) -> str:
    """A hash over inputs and outputs: equal versions are the same bytes made of the same."""
    content = json.dumps([section[INPUTS], section[OUTPUTS]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]
