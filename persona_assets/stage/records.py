"""What every stage records about its outputs: its entry in the manifest of a key."""

import hashlib
import json
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from persona_assets.provenance import git_sha, package_version
from persona_assets.raw.stamps import Stamp
from persona_assets.store.content import Content

Inputs = TypeVar("Inputs")
Count = Annotated[int, msgspec.Meta(ge=0)]
ABOUT_FILES = frozenset({"code", "inputs", "outputs", "partitions_read", "sources"})
"""The entries of a record that are not the stage's own findings."""


class CodeRecord(msgspec.Struct, frozen=True):
    """Which code made the outputs."""

    stage_version: str
    package_version: str | None = None
    git_sha: str | None = None

    @classmethod
    def of_version(cls, stage_version: str) -> "CodeRecord":
        """The record of the code that runs now."""
        return cls(stage_version, package_version(), git_sha())


class StageRecord(msgspec.Struct, Generic[Inputs], frozen=True, kw_only=True, omit_defaults=True):
    """What was made, from what, by which code. Each stage adds its own findings."""

    code: CodeRecord
    inputs: Inputs
    """Everything the outputs depend on, by content: equal inputs and an equal code version mean equal outputs."""
    outputs: dict[str, Content]
    """By path relative to the workspace, so that a workspace can be moved."""
    partitions_read: dict[str, str | None] = {}
    """The data version of every output of another partition that was read; None if there was none."""


class SourceStamp(Stamp, frozen=True):
    """The path of a raw file, and its stamp when it was read."""

    path: str


class SourcesRecord(StageRecord[Inputs], Generic[Inputs], frozen=True, kw_only=True):
    """The record of a stage that reads raw files. Its inputs have ``files``, the SHA-256 of each by name."""

    sources: dict[str, SourceStamp]
    """By the name that the raw layout gives the file."""


class OtherRecord(msgspec.Struct, frozen=True):
    """The record of another version of a stage's code, or of a stage that does not exist in this code."""

    code: CodeRecord
    outputs: dict[str, Content]


def data_version(record: StageRecord[Any]) -> str:
    """Hash inputs and outputs: equal versions mean equal bytes made from equal inputs."""
    content = msgspec.to_builtins([record.inputs, record.outputs])
    if record.partitions_read:
        content.append(record.partitions_read)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
