"""What became of one key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from persona_assets.stage.outcomes import CheckOutcome


@dataclass(frozen=True)
class StageFailure:
    """The stage at which a key stopped, and why."""

    stage: str
    message: str
    traceback: str | None
    """Set only for unexpected exceptions."""


@dataclass(frozen=True)
class KeyOutcome:
    """What became of one key: results by stage, the checks, and the failure that ended it, if one did."""

    key: Any
    made: Mapping[str, Any]
    """By stage: its result as the UI shows it, or ``Unchanged``."""
    failure: StageFailure | None
    checks: Sequence[CheckOutcome] = ()
    data_versions: Mapping[str, str] = field(default_factory=dict)
    """The data version of every stage in ``made``; see ``stage.records.data_version``."""
