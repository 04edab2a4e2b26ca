"""Whether what a stage made of a key is still what it would make now, and if not, why."""

import os
import stat
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from persona_assets.keys import DatasetKey, Variant
from persona_assets.raw.files import is_there, unreadable
from persona_assets.raw.sources import locate
from persona_assets.raw.stamps import Stamp
from persona_assets.regular_files import refuse_non_regular
from persona_assets.settings import Settings
from persona_assets.stages.inputs import (
    Inputs,
    Sections,
    counting_inputs,
    picture_inputs,
    raw_inputs,
    rows_inputs,
    scored_inputs,
    variants_inputs,
)
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

UNREAD = "not read, for it cannot be what was read last"


@dataclass(frozen=True)
class Sources:
    """The raw files of a key as they are now, by content; None where there is none.

    A file of another size than the one last read is not that one, and nor is any where none was read. It is not
    read to find that out, since it may be many gigabytes, and counts as ``UNREAD``.
    """

    responses_sha256: str | None
    scores_sha256: str | None

    @property
    def unread(self) -> bool:
        return UNREAD in (self.responses_sha256, self.scores_sha256)

    @classmethod
    def read(cls, key: DatasetKey, workspace: Workspace, sections: Sections) -> "Sources":
        """Read both files."""
        return cls._of(key, workspace, sections, trust_stamps=False)

    @classmethod
    def glance(cls, key: DatasetKey, workspace: Workspace, sections: Sections) -> "Sources":
        """Read only what no longer has the stamp with which it was last read."""
        return cls._of(key, workspace, sections, trust_stamps=True)

    @classmethod
    def _of(cls, key: DatasetKey, workspace: Workspace, sections: Sections, *, trust_stamps: bool) -> "Sources":
        raw, scored = sections.get(RAW_CONVERSATIONS, {}), sections.get(SCORED_DATASET, {})
        conversations, scores = locate(workspace.raw_root, key).files
        return cls(
            _sha256(conversations.path, _LastRead(raw, "source_stamp", "responses_sha256"), trust_stamps),
            _sha256(scores.path, _LastRead(scored, "score_stamp", "scores_sha256"), trust_stamps),
        )


@dataclass(frozen=True)
class _LastRead:
    """What a section says of a raw file: where its stamp is, and where its hash."""

    section: Mapping[str, Any]
    stamp_name: str
    sha256_name: str

    @property
    def stamp(self) -> Stamp | None:
        record = self.section.get(self.stamp_name)
        return msgspec.convert(record, Stamp) if record else None


def _sha256(path: Path, last: _LastRead, trust_stamps: bool) -> str | None:
    if not is_there(path):
        return None
    try:
        status = path.stat()
        refuse_non_regular(path, status)
        now, before = Stamp.of(status), last.stamp
        if before is None or now.size_bytes != before.size_bytes:
            return UNREAD
        if trust_stamps and now == before:
            return str(last.section[INPUTS][last.sha256_name])
        return Content.of(path).sha256
    except OSError as error:
        raise unreadable(path, error) from error


@dataclass(frozen=True)
class Today:
    """What decides about a key's outputs, as it is now."""

    key: DatasetKey
    settings: Settings
    sources: Sources
    variants: Collection[Variant] = ()
    """Asked for beside those made already."""
    tokenizer: Callable[[], Mapping[str, Any]] | None = None
    """Tells the tokenizer's identity; where it is None, only its id is compared."""

    def inputs(self, stage: str, sections: Sections) -> Mapping[str, Any]:
        """The inputs ``stage`` would record now, on what the stages before it have recorded."""
        makers: Mapping[str, Callable[[], Inputs]] = {
            RAW_CONVERSATIONS: lambda: raw_inputs(self.settings, self.sources.responses_sha256 or ""),
            SCORED_DATASET: lambda: scored_inputs(sections, self.sources.scores_sha256),
            FILTERED_VARIANTS: lambda: variants_inputs(sections, self._variants(sections)),
            PARQUET_EXPORT: lambda: rows_inputs(sections),
            TOKEN_STATS: lambda: counting_inputs(sections, self.settings, self._tokenizer(sections)),
            HISTOGRAM: lambda: picture_inputs(sections),
        }
        return makers[stage]()

    def _variants(self, sections: Sections) -> set[str]:
        return {str(variant) for variant in self.variants} | set(sections[FILTERED_VARIANTS]["variants"])

    def _tokenizer(self, sections: Sections) -> Mapping[str, Any]:
        if self.tokenizer:
            return self.tokenizer()
        return {**sections[TOKEN_STATS][INPUTS]["tokenizer"], "id": self.settings.models.get(self.key.model)}


def outdated_stages(today: Today, sections: Sections) -> dict[str, str]:
    """The stages that would not make today what is recorded of them, each with the reason.

    Outputs are only looked at, not read: ``intact`` reads them.
    """
    reasons: dict[str, str] = {}
    for stage in STAGE_NAMES:
        if reasons:
            reasons[stage] = f"follows from {next(iter(reasons))}"
        elif reason := reason_to_make(stage, today, sections) or _absence(today.settings.workspace, sections[stage]):
            reasons[stage] = reason
    return reasons


def reason_to_make(stage: str, today: Today, sections: Sections) -> str | None:
    """Why ``stage`` would record something else now than it did; None if it would not."""
    section = sections.get(stage)
    if section is None:
        return "was never made"
    if section[CODE]["stage_version"] != CODE_VERSIONS[stage]:
        return f"was made by version {section[CODE]['stage_version']} of its code"
    now = today.inputs(stage, sections)
    changed = [name for name in now if section[INPUTS].get(name) != now[name]]
    return f"other {', '.join(changed)} than it was made from" if changed else None


def intact(root: Path, section: Mapping[str, Any]) -> bool:
    """Whether every output is, byte for byte, what was recorded."""
    try:
        return all(Content.of(root / path) == Content.from_record(of) for path, of in section[OUTPUTS].items())
    except OSError:
        return False


def _absence(root: Path, section: Mapping[str, Any]) -> str | None:
    gone = [path for path, record in section[OUTPUTS].items() if not _is_there(root / path, record["bytes"])]
    return f"{gone[0]} is not there as it was made" if gone else None


def _is_there(path: Path, size_bytes: int) -> bool:
    try:
        status = os.stat(path)  # noqa: PTH116 - thousands of these
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size == size_bytes
