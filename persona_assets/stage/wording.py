"""Numbers and lists in words, for the sentences of checks and the summaries of commands."""

from collections.abc import Mapping, Sequence

LONGEST_LINE = 1000
MAX_NAMED = 5
MOST_DECIMALS = 6


def make_line(text: str) -> str:
    """``text`` as one line that any terminal and page can show: raw data may hold whatever a file can."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ..."


def count(number: int, thing: str, things: str | None = None) -> str:
    """``1 line``, ``1,200 lines``; ``things`` is the plural where it is not ``thing`` with an s."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def percent(part: float, whole: int = 1) -> str:
    """The share in percent with one decimal, or with as many as it takes to differ from the nearest whole percent.

    Limits are whole percents, so a share on the wrong side of one never looks like the limit.
    """
    exact = part / whole * 100 if whole else 0.0
    decimals = 1
    while decimals < MOST_DECIMALS and round(exact, decimals) == round(exact) != round(exact, MOST_DECIMALS):
        decimals += 1
    return f"{round(exact, decimals):g} %"


def tally(counts: Mapping[str, int]) -> str:
    """``1,500 invalid_json, 20 missing_field``: the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return name_first([f"{number:,} {name}" for name, number in ordered], len(ordered))


def name_first(names: Sequence[str], total: int) -> str:
    """The first few of ``total`` names, and how many more there are."""
    named = names[:MAX_NAMED]
    more = total - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")
