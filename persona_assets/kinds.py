"""The kinds of persona as data. What holds for one kind only is read from here wherever it can be said as a value.

Code that is about one kind by name asks for ``ROLE`` or ``TRAIT``: the colours of its scores, the demo corpus, the
words of raw layouts.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of persona: its labels, and the scale on which it is judged."""

    name: str
    plural: str
    labels: tuple[str, ...]
    max_score: int
    default_variants: tuple[str, ...]
    paired: bool
    """Whether every file holds all labels: a trait is always asked both ways."""

    @property
    def scores(self) -> range:
        """Every score the judge may give."""
        return range(self.max_score + 1)


ROLE = Kind("role", "roles", ("pos", "default"), 3, ("min3",), paired=False)
TRAIT = Kind("trait", "traits", ("pos", "neg"), 100, ("pos", "neg", "min70__pos"), paired=True)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ROLE, TRAIT)}
