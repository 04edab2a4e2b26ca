"""The numbers that counting gives for each conversation, as columns of integers."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from persona_assets.tokens.spans import Span

Measures = npt.NDArray[np.int64]
"""Shape (4, conversations): prompt tokens, all tokens, start and end of the answer. ``UNKNOWN`` if there is none."""
UNKNOWN = -1
NO_SPAN = Span(UNKNOWN, UNKNOWN)


def tabulate(rows: Iterable[tuple[int, int, Span | None]]) -> Measures:
    """Make ``Measures`` of prompt tokens, all tokens and the answer's span of each conversation."""
    listed = [(prompt, total, *(span or NO_SPAN)) for prompt, total, span in rows]
    return np.array(listed, dtype=np.int64).reshape(-1, 4).T


def spread(measures: Measures, places: Iterable[int], length: int) -> Measures:
    """``measures`` at ``places`` among ``length`` conversations of which nothing else is known."""
    among = np.full((4, length), UNKNOWN, dtype=np.int64)
    among[:, list(places)] = measures
    return among
