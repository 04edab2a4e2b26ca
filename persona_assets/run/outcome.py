"""What became of one key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from persona_assets.errors import PersonaAssetsError
from persona_assets.stage.outcomes import CheckOutcome


@dataclass(frozen=True)
class StageFailure:
    """The stage at which a key stopped, and why."""

    stage: str
    message: str
    traceback: str | None = None
    """Set only for unexpected exceptions."""
    error: PersonaAssetsError | None = None
    """What was raised, with the path concerned and the asset whose output is to be mended; unset for unexpected
    exceptions."""

    @classmethod
    def of(cls, stage: str, key: object, error: PersonaAssetsError) -> "StageFailure":
        return cls(stage, str(error), error=error.about(key=key, stage=stage))


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
