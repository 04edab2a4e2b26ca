"""What differs between roles and traits, as data, so that one function serves both."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    """One kind of persona: its labels, its judge's scale and where its raw files live."""

    name: str
    plural: str
    raw_folder: str
    labels: tuple[str, ...]
    max_score: int
    default_variants: tuple[str, ...]
    paired: bool
    """Whether every file holds all labels: a trait is always asked both ways."""
    legacy_labels: Mapping[str, str] = field(hash=False)
    """Labels of older files, and the label they mean."""

    @property
    def scores(self) -> range:
        """Every score the judge may give."""
        return range(self.max_score + 1)


ROLE = Kind("role", "roles", "roles_240", ("pos", "default"), 3, ("min3",), False, {"neutral": "default"})
TRAIT = Kind("trait", "traits", "traits_240", ("pos", "neg"), 100, ("pos", "neg", "min70__pos"), True, {})
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ROLE, TRAIT)}
