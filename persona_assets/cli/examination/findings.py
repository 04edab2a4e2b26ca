"""What an examination found: one line each, and what to do about it."""

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How much it matters."""

    OK = "ok"
    WARNING = "warning"
    """Work is possible, but something is not as one would expect."""
    PROBLEM = "problem"
    """Something that is needed cannot be used."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    subject: str
    level: Level
    sentence: str
    """What was found and, unless it is well, what to do."""


def well(subject: str, sentence: str) -> Finding:
    return Finding(subject, Level.OK, sentence)


def warning(subject: str, sentence: str) -> Finding:
    return Finding(subject, Level.WARNING, sentence)


def problem(subject: str, sentence: str) -> Finding:
    return Finding(subject, Level.PROBLEM, sentence)
