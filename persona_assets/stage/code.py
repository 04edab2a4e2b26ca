"""How a stage is made, checked and shown: the part of it that takes time to import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from persona_assets.stage.context import Product
from persona_assets.stage.outcomes import CheckOutcome, Made
from persona_assets.stage.shown import Shown


@dataclass(frozen=True)
class StageCode:
    """The functions of one stage. Each takes the products that are named with it, in that order."""

    make: Callable[..., Made[Any]]
    """``make(context, replacement, *products)`` writes the outputs to where ``replacement`` says."""
    show: Callable[[Any], Mapping[str, Shown]]
    """The result of ``make`` as the metadata of a materialisation."""
    takes: tuple[Product[Any], ...] = ()
    check: Callable[..., Sequence[CheckOutcome]] | None = None
    """``check(context, *products)`` looks at what is on disk."""
    check_takes: tuple[Product[Any], ...] = ()
