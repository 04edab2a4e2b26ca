"""The facts of a check as metadata of its evaluation: nothing that is empty, and tables where there is more than one.

The UI shows a table at once, and JSON only after a click.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from persona_assets.dagster_defs.readable import readable_metadata, table


def show_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return readable_metadata({name: _show(name, fact) for name, fact in facts.items() if not is_empty(fact)})


def is_empty(fact: Any) -> bool:
    """Whether there is nothing to be read in it. A 0 is something, and so is False."""
    return fact is None or (isinstance(fact, str | Sequence | Mapping) and not fact)


def _show(name: str, fact: Any) -> Any:
    match fact:
        case str():
            return fact
        case Mapping():
            return table({"name": key, name: value} for key, value in fact.items())
        case Sequence() if all(isinstance(one, Mapping) for one in fact):
            columns = dict.fromkeys(key for one in fact for key in one)
            return table({column: _in_a_cell(one.get(column)) for column in columns} for one in fact)
        case Sequence():
            return table({name: _in_a_cell(one)} for one in fact)
    return fact


def _in_a_cell(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
