"""The numbers of one dataset's picture."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from persona_assets.plots.bands import Band

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PlottedCounts:
    """What a picture shows; arrays of shape (conversations,)."""

    tokens: Numbers
    scores: Numbers
    """NaN where a conversation has no score on the scale."""

    def of(self, band: Band) -> Numbers:
        """Tokens of the conversations in a band."""
        if band.low is None or band.high is None:
            return self.tokens[np.isnan(self.scores)]
        return self.tokens[(self.scores >= band.low) & (self.scores <= band.high)]
