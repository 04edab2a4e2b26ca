"""The outcome of a check, and bounded lists of offenders for its metadata."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from persona_assets.checks.names import Check

MAX_OFFENDERS = 10


@dataclass(frozen=True)
class CheckOutcome:
    """Whether a check passed for one key, and the numbers it rests on (plain JSON values)."""

    check: Check
    passed: bool
    facts: Mapping[str, Any]

    @property
    def closes_the_gate(self) -> bool:
        return self.check.gates and not self.passed


def first(offenders: Iterable[Any]) -> list[Any]:
    """The first few offenders, as many as a user reads."""
    return list(islice(offenders, MAX_OFFENDERS))
