"""Whether what a stage made of a key is still what it would make now, and if not, why."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.stamps import Stamp
from persona_assets.settings import Settings
from persona_assets.stages import inputs
from persona_assets.stages.names import (
    CODE_VERSIONS,
    FILTERED_VARIANTS,
    HISTOGRAM,
    PARQUET_EXPORT,
    RAW_CONVERSATIONS,
    SCORED_DATASET,
    STAGE_NAMES,
    TOKEN_STATS,
)
from persona_assets.store.content import Content
from persona_assets.store.manifests import CODE, INPUTS, OUTPUTS
from persona_assets.workspace import Workspace


@dataclass(frozen=True)
class Sources:
    """The raw files of a key as they are now, by content; None where there is none."""

    responses_sha256: str | None
    scores_sha256: str | None

    @classmethod
    def of(cls, key: DatasetKey, workspace: Workspace, sections: inputs.Sections) -> "Sources":
        """Read the raw files, but for those that still have the stamp they were last read with."""
        raw, scored = sections.get(RAW_CONVERSATIONS, {}), sections.get(SCORED_DATASET, {})
        return cls(
            _sha256(workspace.raw_responses(key), raw.get("source_stamp"), raw, "responses_sha256"),
            _sha256(workspace.raw_scores(key), scored.get("score_stamp"), scored, "scores_sha256"),
        )


def _sha256(path: Path, stamp: Mapping[str, Any] | None, section: Mapping[str, Any], name: str) -> str | None:
    try:
        now = Stamp.of_path(path)
        if now is None:
            return None
        return str(section[INPUTS][name]) if now.record() == stamp else Content.of(path).sha256
    except OSError as error:
        raise RawDataError(f"{path} cannot be read: {error.strerror}; check the disk and its permissions") from error


@dataclass(frozen=True)
class _Expected:
    """The inputs each stage would record if it ran now, on what the stages before it have recorded."""

    key: DatasetKey
    settings: Settings
    sections: inputs.Sections
    sources: Sources

    def of(self, stage: str) -> Mapping[str, Any]:
        makers: Mapping[str, Callable[[], inputs.Inputs]] = {
            RAW_CONVERSATIONS: lambda: inputs.raw_inputs(self.settings, self.sources.responses_sha256 or ""),
            SCORED_DATASET: lambda: inputs.scored_inputs(self.sections, self.sources.scores_sha256),
            FILTERED_VARIANTS: lambda: inputs.variants_inputs(self.sections, self._variants()),
            PARQUET_EXPORT: lambda: inputs.rows_inputs(self.sections),
            TOKEN_STATS: lambda: inputs.counting_inputs(self.sections, self._tokenizer()),
            HISTOGRAM: lambda: inputs.picture_inputs(self.sections),
        }
        return makers[stage]()

    def _variants(self) -> set[str]:
        made = self.sections.get(FILTERED_VARIANTS, {}).get("variants", {})
        return {str(variant) for variant in self.settings.variants_of(self.key.kind)} | set(made)

    def _tokenizer(self) -> Mapping[str, Any]:
        """The recorded one, under the id that is configured now."""
        recorded = self.sections[TOKEN_STATS][INPUTS]["tokenizer"]
        return {**recorded, "id": self.settings.models.get(self.key.model)}


def outdated_stages(
    key: DatasetKey, settings: Settings, sections: inputs.Sections, sources: Sources
) -> dict[str, str]:
    """The stages of ``key`` that would not make today what is recorded of them, each with the reason."""
    expected = _Expected(key, settings, sections, sources)
    root = settings.workspace
    reasons: dict[str, str] = {}
    for stage in STAGE_NAMES:
        if reasons:
            reasons[stage] = f"follows from {next(iter(reasons))}"
        elif reason := _reason(stage, sections.get(stage), expected, root):
            reasons[stage] = reason
    return reasons


def _reason(stage: str, section: Mapping[str, Any] | None, expected: _Expected, root: Path) -> str | None:
    if section is None:
        return "was never made"
    if section[CODE]["stage_version"] != CODE_VERSIONS[stage]:
        return f"was made by version {section[CODE]['stage_version']} of its code"
    now = expected.of(stage)
    if changed := [name for name in now if section[INPUTS].get(name) != now[name]]:
        return f"other {', '.join(changed)} than it was made from"
    gone = [path for path, record in section[OUTPUTS].items() if not _is_there(root / path, record["bytes"])]
    return f"{gone[0]} is not there as it was made" if gone else None


def _is_there(path: Path, size_bytes: int) -> bool:
    try:
        return os.stat(path).st_size == size_bytes  # noqa: PTH116 - thousands of these
    except FileNotFoundError:
        return False
