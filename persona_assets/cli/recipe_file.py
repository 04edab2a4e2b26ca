"""Writing a recipe into ``persona_assets.toml``. The rest of the file stays as it is, with its comments."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from persona_assets.errors import SettingsError
from persona_assets.stages.training_sets.spec import NAME
from persona_assets.store.replacement import new_file


def write_recipe(path: Path, name: str, recipe: Mapping[str, Any]) -> None:
    """Write ``recipe``, in plain values, as the table of the training set ``name``, in place of an earlier one.

    Raises:
        SettingsError: the file is no TOML, or has something else where training sets should be.
        StorageError: it cannot be written.
    """
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}; mend it first") from error
    if NAME not in document:
        document[NAME] = tomlkit.table(is_super_table=True)
    sets = document[NAME]
    if not isinstance(sets, MutableMapping):
        raise SettingsError(f"{path}: {NAME} is no table; write [{NAME}.{name}] instead")
    sets[name] = _make_table(recipe)
    with new_file(path) as staged:
        staged.write_text(tomlkit.dumps(document), encoding="utf-8")


def _make_table(recipe: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for entry, value in recipe.items():
        if isinstance(value, Mapping):
            inline = tomlkit.inline_table()
            inline.update(value)
            table[entry] = inline
        else:
            table[entry] = value
    table.add(tomlkit.nl())
    return table
