"""How a stage is made, checked and shown: the part of it that takes time to import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from persona_assets.stage.context import Product
from persona_assets.stage.outcomes import CheckOutcome, Made
from persona_assets.stage.shown import Shown


@dataclass(frozen=True)
class StageCode:
    """The functions of one stage. ``make`` gets the products of ``takes`` in order, ``check`` of ``check_takes``."""

    make: Callable[..., Made[Any]]
    """``make(context, replacement, *products)`` writes the outputs to where ``replacement`` says."""
    show: Callable[[Any], Mapping[str, Shown]]
    """Turns the result of ``make`` into the metadata of a materialisation."""
    takes: tuple[Product[Any], ...] = ()
    check: Callable[..., Sequence[CheckOutcome]] | None = None
    """``check(context, *products)`` examines what is on disk."""
    check_takes: tuple[Product[Any], ...] = ()
