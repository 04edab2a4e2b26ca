"""Choosing among names by patterns such as ``gemma*``. What fits nothing is an error, since it is misspelt."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from persona_assets.errors import UnknownNameError
from persona_assets.suggestions import MOST_SUGGESTED, suggest

Patterns = str | Iterable[str] | None
"""One pattern, several of which one has to fit, or None for everything."""
_MOST_LISTED = 12


def choose(what: str, patterns: Patterns, names: Iterable[str], least_alike: float = 0.6) -> frozenset[str]:
    """Those of ``names`` that fit; ``what`` says in an error what they are. ``*`` fits even if there is none.

    Raises:
        UnknownNameError: nothing fits one of the patterns.
    """
    known = frozenset(names)
    if patterns is None:
        return known
    chosen: set[str] = set()
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        fitting = {name for name in known if fnmatchcase(name, pattern)}
        if not fitting and pattern != "*":
            raise unknown(what, pattern, known, least_alike)
        chosen |= fitting
    return frozenset(chosen)


def unknown(what: str, name: str, known: Iterable[str], least_alike: float = 0.6) -> UnknownNameError:
    """There is no ``what`` of this name. Either all that there are or those that come close are named."""
    names = sorted(known)
    ending = [one for one in names if one.lower().endswith(name.lower())]
    meant = f"; did you mean {' or '.join(ending[:MOST_SUGGESTED])}?" if ending else ""
    only = f", only {', '.join(names)}" if 0 < len(names) <= _MOST_LISTED else f" among {len(names):,}"
    return UnknownNameError(f"there is no {what} {name!r}{only}{meant or suggest(name, names, least_alike)}")
