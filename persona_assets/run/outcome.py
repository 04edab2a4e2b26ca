"""What became of one key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from persona_assets.errors import HeldBackError, PersonaAssetsError
from persona_assets.stage.outcomes import CheckOutcome, Unchanged
from persona_assets.stage.shown import Shown


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

    @property
    def held_back(self) -> bool:
        """Whether nothing is wrong with the stage itself."""
        return isinstance(self.error, HeldBackError)

    @classmethod
    def of(cls, stage: str, key: object, error: PersonaAssetsError) -> "StageFailure":
        return cls(stage, str(error), error=error.about(key=key, stage=stage))


@dataclass(frozen=True)
class KeyOutcome:
    """What became of one key: results by stage, the checks, and the failure that ended it, if one did."""

    key: Any
    made: Mapping[str, Mapping[str, Shown] | Unchanged]
    """By stage: its result as the UI shows it, or ``Unchanged`` if it need not be shown again."""
    failure: StageFailure | None
    checks: Sequence[CheckOutcome] = ()
    data_versions: Mapping[str, str] = field(default_factory=dict)
    """The data version of every stage in ``made``; see ``stage.records.data_version``."""
