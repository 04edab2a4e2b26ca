"""What the files that concern all keys say of their origin."""

from datetime import UTC, datetime

import msgspec

from persona_assets.provenance import git_sha, package_version


class Provenance(msgspec.Struct, frozen=True):
    """When a file was written, and by which code."""

    timestamp: str
    git_sha: str | None
    persona_assets_version: str

    @classmethod
    def now(cls) -> "Provenance":
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), git_sha(), package_version())
