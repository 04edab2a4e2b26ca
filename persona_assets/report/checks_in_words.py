"""The outcome of every check of a key in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from persona_assets.run.last_outcome import CheckRecord, LastOutcome
from persona_assets.stages.registry import list_checks

LONGEST = 300


@dataclass(frozen=True)
class CheckInWords:
    name: str
    stage: str
    passed: bool
    severe: bool
    demands: str
    """What it holds to be true."""
    found: str


def describe_checks(outcome: LastOutcome) -> list[CheckInWords]:
    """Those that did not pass first, the severe ones before the others."""
    checks = {check.name: check for check in list_checks()}
    described = [
        CheckInWords(name, record.stage, record.passed, checks[name].severe, checks[name].description, say(record))
        for name, record in outcome.checks.items()
        if name in checks
    ]
    return sorted(described, key=lambda check: (check.passed, not check.severe))


def say(record: CheckRecord) -> str:
    """The sentence of a check, or the facts behind it where there is none."""
    return record.sentence or list_facts(record.facts)


def list_facts(facts: Mapping[str, Any]) -> str:
    """Facts in one line, without those that are empty or zero, and without lists of examples."""
    said = [f"{name.replace('_', ' ')} {_say_value(value)}" for name, value in facts.items() if _tells(name, value)]
    return "; ".join(said)


def _tells(name: str, value: Any) -> bool:
    return not name.startswith("first") and (value is False or bool(value))


def _say_value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4g}"
        case Mapping():
            text = ", ".join(f"{name} {_say_value(of)}" for name, of in value.items() if _tells(name, of))
        case list():
            text = ", ".join(map(_say_value, value))
        case _:
            text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
