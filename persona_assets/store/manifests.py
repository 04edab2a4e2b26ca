"""The manifest of one key: a section per stage, replaced together with the stage's outputs.

A section says what the stage made (``outputs``: size and SHA-256 of every file), what it made it from
(``inputs``: everything its result depends on, by content), which code did, and the stage's own counts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from persona_assets.errors import InvalidNameError, MissingInputError
from persona_assets.keys import DatasetKey, Variant
from persona_assets.store.content import Content
from persona_assets.store.manifest_shape import ManifestShape
from persona_assets.store.records import damaged, read_json, write_json
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
        section: dict[str, Any] | None = self.sections().get(stage)
        if section is None:
            raise MissingInputError(
                f"{stage} of {self.key} is not there yet; materialise {stage} of {self.key} first"
            )
        return section

    def sections(self) -> dict[str, Any]:
        """Every section there is; none where nothing has been materialised.

        Raises:
            InconsistentOutputError: the manifest is damaged: it holds something else than stages write.
        """
        producer = f"all assets of {self.key}"
        try:
            sections = read_json(self.path, producer, ManifestShape)
        except MissingInputError:
            return {}
        known = {stage: sections[stage] for stage in ManifestShape.__annotations__ if stage in sections}
        for stage, section in known.items():
            if problem := self._problem_with(section):
                raise damaged(self.path, f"{problem} - at `$.{stage}`", producer)
        return known

    def _problem_with(self, section: Mapping[str, Any]) -> str | None:
        try:
            for variant in section.get("variants", ()):
                Variant.parse(variant, self.key.kind)
        except InvalidNameError as error:
            return str(error)
        outside = [path for path in section[OUTPUTS] if not _is_below_root(path)]
        return f"output {outside[0][:200]!r} is no path below the workspace" if outside else None

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


def _is_below_root(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and path.isprintable() and parts[0] != "/" and ".." not in parts


def data_version(section: Mapping[str, Any]) -> str:
    """A hash over inputs and outputs: equal versions are the same bytes made of the same."""
    content = json.dumps([section[INPUTS], section[OUTPUTS]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]
