"""How the last work on a key ended, kept beside its manifest for whoever surveys all keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import msgspec

from persona_assets.checks.names import CHECKS
from persona_assets.checks.outcomes import CheckOutcome
from persona_assets.errors import MissingInputError
from persona_assets.keys import DatasetKey
from persona_assets.raw.sources import locate
from persona_assets.raw.stamps import Stamp
from persona_assets.run.progress import StageFailure
from persona_assets.store.manifests import KeyManifest
from persona_assets.store.records import read_json, write_json
from persona_assets.store.replacement import new_file
from persona_assets.workspace import Workspace


class _Failure(TypedDict):
    stage: str
    message: str
    raw_files: list[Any]


class _Check(TypedDict):
    stage: str
    passed: bool
    facts: dict[str, Any]
    data_version: str | None


class _Record(TypedDict):
    failure: _Failure | None
    checks: dict[str, _Check]


_OUTCOME = ("passed", "facts")
_SEVERE = {check.name: check.severe for check in CHECKS}


@dataclass(frozen=True)
class Standing:
    """The failure that ended the last work on a key, if one did, and the last outcome of every check."""

    failure: Mapping[str, Any] | None = None
    """``stage``, ``message``, and the stamps of the ``raw_files`` it failed on."""
    checks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By name: ``passed``, ``stage``, ``facts``, and the ``data_version`` of the stage that was checked."""

    def outcomes_of(self, stage: str, data_version: str) -> list[CheckOutcome]:
        """The last outcome of each check of ``stage``; empty unless all are of this version of it."""
        wanted = [check for check in CHECKS if check.stage == stage]
        if any(self.checks.get(check.name, {}).get("data_version") != data_version for check in wanted):
            return []
        return [CheckOutcome(check, **{name: self.checks[check.name][name] for name in _OUTCOME}) for check in wanted]

    def failed_checks(self, *, severe: bool) -> list[str]:
        return [name for name, of in self.checks.items() if not of["passed"] and _SEVERE.get(name) == severe]


def raw_stamps(workspace: Workspace, key: DatasetKey) -> list[dict[str, Any] | None]:
    """Size and time of the key's responses and scores, as JSON keeps them; None for one that is not there."""
    stamps = (Stamp.seen_at(source.path) for source in locate(workspace.raw_root, key).files)
    return [msgspec.to_builtins(stamp) for stamp in stamps]


def read_standing(workspace: Workspace, key: DatasetKey) -> Standing:
    """Read what was recorded; nothing at all where the key was never worked on.

    Raises:
        InconsistentOutputError: the record is damaged.
    """
    try:
        record = read_json(workspace.standing(key), f"all assets of {key}", _Record)
    except MissingInputError:
        return Standing()
    return Standing(record["failure"], record["checks"])


def renew_standing(
    workspace: Workspace,
    key: DatasetKey,
    made: Sequence[str],
    outcomes: Sequence[CheckOutcome],
    failure: StageFailure | None,
) -> None:
    """Record new outcomes over earlier ones; a failure stays until its stage has been made."""
    earlier = read_standing(workspace, key)
    versions = KeyManifest(workspace.manifest(key), key, workspace.root).data_versions()
    checks = dict(earlier.checks) | {
        outcome.check.name: {
            "stage": outcome.check.stage,
            "data_version": versions.get(outcome.check.stage),
            "passed": outcome.passed,
            "facts": dict(outcome.facts),
        }
        for outcome in outcomes
    }
    failed: Mapping[str, Any] | None = earlier.failure
    if failure:
        failed = {
            "stage": failure.stage,
            "message": failure.message,
            "raw_files": raw_stamps(workspace, key),
        }
    elif failed and failed["stage"] in made:
        failed = None
    in_order = {check.name: checks[check.name] for check in CHECKS if check.name in checks}
    with new_file(workspace.standing(key)) as staged:
        write_json(staged, {"failure": failed, "checks": in_order})
