"""What a name may have been meant for that there is not."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_SUGGESTED = 3
KEYS_ALIKE = 0.9
"""All keys of one model begin alike, so a key that was meant is much alike."""


def suggest(text: str, names: Iterable[str], least_alike: float = 0.6) -> str:
    """The end of a message about a name that there is not: the names that it may have been meant for, if any."""
    by_lower = {name.lower(): name for name in names}
    close = get_close_matches(text.lower(), by_lower, MOST_SUGGESTED, least_alike)
    return f"; did you mean {' or '.join(by_lower[name] for name in close)}?" if close else ""
