"""Which datasets a set is made of: those of the workspace that its recipe means."""

import os
from collections.abc import Sequence

from persona_assets.errors import InvalidNameError, SettingsError
from persona_assets.keys import DatasetKey
from persona_assets.setting_names import SETTINGS_FILE
from persona_assets.settings import Settings
from persona_assets.training.patterns import match_keys
from persona_assets.training_recipes import Recipe
from persona_assets.workspace import Workspace


def list_made_keys(settings: Settings) -> list[DatasetKey]:
    """The keys of which anything was made, whether the raw root is there or not."""
    manifest = Workspace.of(settings).manifest("")
    try:
        names = os.listdir(manifest.parent)  # noqa: PTH208 - thousands of these
    except FileNotFoundError:
        return []
    keys = []
    for name in names:
        try:
            keys.append(DatasetKey.parse(name.removesuffix(manifest.name)))
        except InvalidNameError:
            continue  # of another partitioning
    return sorted(keys)


def find_recipe(name: str, settings: Settings) -> Recipe:
    """The recipe of a set.

    Raises:
        SettingsError: the settings have none of that name.
    """
    if name not in settings.training_sets:
        known = ", ".join(sorted(settings.training_sets)) or "none"
        raise SettingsError(
            f"{SETTINGS_FILE} has no training set {name!r}, it has {known}; write one with 'persona-assets train-set "
            f"create {name}', or delete this partition"
        )
    return settings.training_sets[name]


def list_members(name: str, settings: Settings) -> Sequence[DatasetKey]:
    """The datasets that the recipe means; none if there is no recipe, which making the set reports."""
    recipe = settings.training_sets.get(name)
    return match_keys(recipe, list_made_keys(settings)) if recipe else ()


def list_pair_members(name: str, settings: Settings) -> Sequence[DatasetKey]:
    """Those whose pairs are read: all members, if the set is made of pairs."""
    recipe = settings.training_sets.get(name)
    return list_members(name, settings) if recipe and recipe.of_pairs else ()


def list_all_read(name: str, settings: Settings) -> Sequence[DatasetKey]:
    """Those whose rows are read: all members and, if the set is made of pairs, what may be the baseline of one."""
    recipe, made = settings.training_sets.get(name), list_made_keys(settings)
    members = match_keys(recipe, made) if recipe else []
    if not recipe or not recipe.of_pairs:
        return members
    baselines = {
        DatasetKey(key.model, key.kind_name, persona)
        for key in members
        if key.kind.baselines
        for persona in settings.pair_baselines
    }
    return sorted({*members, *baselines.intersection(made)})
