"""The kinds of persona as data. What holds for one kind only is read from here wherever it can be said as a value.

Code that is about one kind by name asks for ``ROLE`` or ``TRAIT``: the colours of its scores, the demo corpus, the
words of raw layouts.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of persona, ``ROLE`` or ``TRAIT``: its labels, and the scale on which it is judged.

    Example:
        >>> persona_assets.TRAIT.labels, persona_assets.ROLE.max_score
        (('pos', 'neg'), 3)
        >>> persona_assets.DatasetKey.parse("qwen-3-32b__trait__calm").kind is persona_assets.TRAIT
        True
    """

    name: str
    plural: str
    labels: tuple[str, ...]
    """Those that a variant may select."""
    max_score: int
    default_variants: tuple[str, ...]
    paired: bool
    """Whether every file holds all labels: a trait is always asked both ways."""
    borne: str
    """What joins it to its model in words: a model answers as somebody, or with a trait."""
    baselines: bool
    """Whether a persona of this kind may be the model as itself."""
    further_labels: tuple[str, ...] = ()
    """Those of rows that some files hold besides, and no label of a variant selects: answers without the trait."""

    @property
    def row_labels(self) -> tuple[str, ...]:
        """Every label that a row may have, in the order in which files hold them."""
        return self.labels + self.further_labels

    @property
    def scores(self) -> range:
        """Every score the judge may give."""
        return range(self.max_score + 1)


ROLE = Kind("role", "roles", ("pos", "default"), 3, ("min3",), paired=False, borne="as", baselines=True)
TRAIT = Kind(
    "trait",
    "traits",
    ("pos", "neg"),
    100,
    ("pos", "neg", "min70__pos"),
    paired=True,
    borne="with the trait",
    baselines=False,
    further_labels=("default",),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ROLE, TRAIT)}
