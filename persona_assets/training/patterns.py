"""Which datasets a recipe means: patterns over the names of models and personas."""

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from persona_assets.errors import SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.suggestions import suggest
from persona_assets.training_recipes import Recipe


def match_keys(recipe: Recipe, keys: Iterable[DatasetKey]) -> list[DatasetKey]:
    """The keys that the patterns of ``recipe`` mean, in their order."""
    return sorted(
        key
        for key in keys
        if key.kind_name in recipe.kinds
        and _matches(key.model, recipe.models)
        and _matches(key.persona, recipe.personas)
    )


def check_patterns(recipe: Recipe, keys: Sequence[DatasetKey], origin: str) -> None:
    """Raise for a pattern that no dataset fits, with the names that it may have been meant for.

    Raises:
        SettingsError: with the first such pattern; it names ``origin``.
    """
    if not keys:
        raise SettingsError(f"{origin}: no dataset has been made yet; run 'persona-assets generate' first")
    names: dict[str, tuple[Sequence[str], Callable[[DatasetKey], str]]] = {
        "model": (recipe.models, lambda key: key.model),
        "kind": (recipe.kinds, lambda key: key.kind_name),
        "persona": (recipe.personas, lambda key: key.persona),
    }
    left = list(keys)
    for what, (patterns, name_of) in names.items():
        there = sorted({name_of(key) for key in left})
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in there) and not _is_default(what, patterns):
                raise SettingsError(f"{origin}: no {what} is called {pattern!r}{_suggest(pattern, there)}")
        left = [key for key in left if _matches(name_of(key), patterns)]
    if not left:
        raise SettingsError(f"{origin}: no dataset is of these models, kinds and personas together")


def _is_default(what: str, patterns: Sequence[str]) -> bool:
    return what == "kind" and len(patterns) > 1


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _suggest(pattern: str, there: Sequence[str]) -> str:
    there_is = f"; there is {', '.join(there[:10])}{' and more' if len(there) > 10 else ''}" if there else ""
    return suggest(pattern, there) or there_is
