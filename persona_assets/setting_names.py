"""What a setting is called in the environment and in the file, and how messages name one that is wrong."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from persona_assets.errors import SettingsError

ENV_PREFIX = "PERSONA_"
SETTINGS_FILE = "persona_assets.toml"
_SIMILAR = 0.85
"""How alike two variables must be before one is taken for a misspelling of the other; other programs have variables
with this prefix too."""


def place_setting(name: str) -> str:
    """Both places where a setting can be given, for a message."""
    return f"{ENV_PREFIX}{name.upper()} (or {name!r} in {SETTINGS_FILE})"


def explain_problem(problem: Any, known: Iterable[str], entries: Mapping[str, Iterable[str]]) -> str:
    """One line for one problem that pydantic found: the setting, its value and what is wrong.

    Args:
        known: the names of all settings.
        entries: the names that may stand in a setting which is made of named entries, by setting.
    """
    name, *rest = (str(part) for part in problem["loc"])
    unknown = problem["type"] == "extra_forbidden"
    if unknown and not rest:
        return f"unknown setting {name!r} in {SETTINGS_FILE}{_suggest(name, known)}"
    if unknown:
        *rest, entry = rest
    place = place_setting(name) + "".join(f"[{part}]" for part in rest)
    if unknown:
        return f"{place}: unknown entry {entry!r}{_suggest(entry, entries.get(name, ()))}"
    return f"{place} = {problem['input']!r}: {problem['msg']}"


def refuse_misspelt_variables(variables: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a variable that looks like a misspelt setting. Otherwise it would be ignored without a word.

    Raises:
        SettingsError: with the setting that was probably meant.
    """
    names = {ENV_PREFIX + name.upper() for name in known}
    for variable in variables:
        if variable.startswith(ENV_PREFIX) and variable not in names:
            near = difflib.get_close_matches(variable, names, n=1, cutoff=_SIMILAR)
            if near:
                raise SettingsError(f"unknown environment variable {variable}; did you mean {near[0]}?")


def _suggest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
