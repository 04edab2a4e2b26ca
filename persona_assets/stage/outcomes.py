"""What a stage returns, and what its checks find."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from persona_assets.raw.sources import SourceRead
from persona_assets.stage.spec import Check
from persona_assets.stage.wording import make_line

if TYPE_CHECKING:
    from persona_assets.stage.context import Product

Result = TypeVar("Result")
MAX_OFFENDERS = 10


@dataclass(frozen=True)
class Made(Generic[Result]):
    """What one stage has made of one key."""

    result: Result
    """What was made, in the stage's own type, for the UI."""
    findings: Mapping[str, Any] = field(default_factory=dict)
    """The stage's own entries in its record in the manifest."""
    sources: Mapping[str, SourceRead] = field(default_factory=dict)
    """The raw files it has read, by name, with what was read of each."""
    products: "Mapping[Product[Any], Any]" = field(default_factory=dict)
    """What later stages may take from memory."""


@dataclass(frozen=True)
class Unchanged:
    """The result of a stage that was not made again, because its outputs are what it would make."""


@dataclass(frozen=True)
class CheckOutcome:
    """Whether a check passed for one key, the numbers it rests on (plain JSON values), and what they say in words."""

    check: Check
    passed: bool
    facts: Mapping[str, Any]
    sentence: str
    """One line with numbers, without a full stop. It may quote raw data, so whoever shows it as markup escapes it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", make_line(self.sentence))

    @property
    def closes_the_gate(self) -> bool:
        return self.check.gates and not self.passed


def first(offenders: Iterable[Any]) -> list[Any]:
    """The first few offenders, as many as a user would read."""
    return list(islice(offenders, MAX_OFFENDERS))
