"""Score bands: the few groups a picture can show of a scale, in their colours."""

from dataclasses import dataclass

from persona_assets.kinds import ROLE, TRAIT, Kind


@dataclass(frozen=True)
class Band:
    """Scores from ``low`` to ``high``, both included; the band without bounds holds rows without a score."""

    label: str
    color: str
    low: int | None = None
    high: int | None = None
    dark: bool = False
    """Whether text on its colour must be light."""

    def holds(self, score: int | None) -> bool:
        if score is None or self.low is None or self.high is None:
            return score is None and self.low is None
        return self.low <= score <= self.high


# Ordered, and told apart by people with any common colour vision deficiency: steps after viridis, then grey.
_COLORS = ("#440154", "#31688e", "#35b779", "#f3c21b")
_DARK_COLORS = _COLORS[:2]
NO_SCORE_BAND = Band("no score", "#b0b0b0")

_BOUNDS = {
    ROLE.name: ((0, 0), (1, 1), (2, 2), (3, 3)),
    TRAIT.name: ((0, 24), (25, 49), (50, 69), (70, 100)),
}


def bands(kind: Kind) -> tuple[Band, ...]:
    """The bands of a kind from the lowest score up; rows without a score come last."""
    scored = (
        Band(str(low) if low == high else f"{low}–{high}", color, low, high, color in _DARK_COLORS)  # noqa: RUF001 - a range's dash
        for (low, high), color in zip(_BOUNDS[kind.name], _COLORS, strict=True)
    )
    return (*scored, NO_SCORE_BAND)
