"""What every stage writes into the manifest beside its own counts."""

from collections.abc import Mapping
from typing import Any

from persona_assets.provenance import git_sha, package_version
from persona_assets.stages.names import CODE_VERSIONS
from persona_assets.stages.work import KeyWork
from persona_assets.store.manifests import CODE, INPUTS
from persona_assets.store.replacement import Replacement


def record_stage(
    work: KeyWork, stage: str, replacement: Replacement, inputs: Mapping[str, Any], counts: Mapping[str, Any]
) -> None:
    """Renew the manifest's section of ``stage`` together with the files of ``replacement``.

    ``inputs`` is everything the files depend on, by content: equal inputs and an equal code version
    mean equal files.
    """
    code = {"stage_version": CODE_VERSIONS[stage], "package_version": package_version(), "git_sha": git_sha()}
    work.manifest.stage_section(replacement, stage, {CODE: code, INPUTS: dict(inputs), **counts})
