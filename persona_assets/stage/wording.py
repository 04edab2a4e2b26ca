"""Numbers and lists in words, for the sentences of checks and the summaries of commands."""

import math
from collections.abc import Mapping, Sequence

MAX_NAMED = 5


def count(number: int, thing: str, things: str | None = None) -> str:
    """``1 line``, ``1,200 lines``; ``things`` is the plural where it is not ``thing`` with an s."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def percent(part: int, whole: int, *, up: bool = False) -> str:
    """The share in percent with at most one decimal, rounded down, or ``up`` where it is compared with a maximum.

    So a share on the wrong side of a limit is never shown as the limit, and only none is shown as 0 %.
    """
    if not whole:
        return "0 %"
    tenths = (math.ceil if up else math.floor)(round(part / whole * 1000, 6))
    shown = min(max(tenths, 1 if part else 0), 1000 if part == whole else 999)
    return f"{shown / 10:g} %"


def tally(counts: Mapping[str, int]) -> str:
    """``1,500 invalid_json, 20 missing_field``: the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return name_first([f"{number:,} {name}" for name, number in ordered], len(ordered))


def name_first(names: Sequence[str], total: int) -> str:
    """The first few of ``total`` names, and how many more there are."""
    named = names[:MAX_NAMED]
    more = total - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")
