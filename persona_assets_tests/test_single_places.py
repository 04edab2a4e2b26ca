"""What a docstring says is done in one module only is done in no other."""

import ast
from collections.abc import Iterator

import pytest

import persona_assets.dagster_runtime.homes
from persona_assets.keys import SEPARATOR
from persona_assets.setting_names import ENV_PREFIX
from persona_assets_tests.test_import_direction import MODULES

SETTINGS = "persona_assets.settings"
OTHERS_IN_THE_ENVIRONMENT = {
    "persona_assets.cli.ui": "hands the environment on to dagster dev",
    "persona_assets.dagster_runtime.homes": "reads DAGSTER_HOME",
    "persona_assets.dagster_runtime.instance": "sets DAGSTER_HOME",
    "persona_assets.tokens": "sets a variable of transformers",
}
KEYS = "persona_assets.keys"
OTHERS_WITH_THE_SEPARATOR = {
    "persona_assets.collection.trash": "names a folder by the time and a key",
    "persona_assets.collection.views": "hands it on to SQL, which splits the names of files",
    "persona_assets.workspace": "names pictures of several datasets",
}
CONSTANTS = {"HOME_VARIABLE": persona_assets.dagster_runtime.homes.HOME_VARIABLE}


def test_only_known_modules_touch_the_environment() -> None:
    found = {module for module in MODULES if any(map(touches_environment, nodes_of(module)))}
    assert found == {SETTINGS, *OTHERS_IN_THE_ENVIRONMENT}


@pytest.mark.parametrize("module", OTHERS_IN_THE_ENVIRONMENT)
def test_only_the_settings_read_a_variable_with_their_prefix(module: str) -> None:
    assert [name for name in variables_read(module) if name.startswith(ENV_PREFIX)] == []


def test_only_keys_joins_or_splits_at_the_separator() -> None:
    found = {module for module in MODULES if any(map(uses_separator, nodes_of(module)))}
    assert found == {KEYS, *OTHERS_WITH_THE_SEPARATOR}


def nodes_of(module: str) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))


def touches_environment(node: ast.AST) -> bool:
    """Through ``os``: ``os.environ``, ``os.getenv`` and their like, or the same names imported from it."""
    names = ("environ", "environb", "getenv", "getenvb", "putenv", "unsetenv")
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(alias.name in names for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr in names


def variables_read(module: str) -> list[str]:
    """The variables that are read or set one by one. One that is not named in the code is an error."""
    named: list[ast.expr] = []
    for node in nodes_of(module):
        if isinstance(node, ast.Subscript) and touches_environment(node.value):
            named.append(node.slice)
        elif isinstance(node, ast.Call) and any(map(touches_environment, ast.walk(node.func))):
            named.append(node.args[0])
    return [CONSTANTS[name.id] if isinstance(name, ast.Name) else ast.literal_eval(name) for name in named]


def uses_separator(node: ast.AST) -> bool:
    """Whether it imports the separator, or is text that is one, begins with one or ends with one."""
    if isinstance(node, ast.ImportFrom):
        return node.module == KEYS and any(alias.name == "SEPARATOR" for alias in node.names)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    text = node.value
    is_special_name = text.startswith(SEPARATOR) and text.endswith(SEPARATOR) and len(text) > 2 * len(SEPARATOR)
    return not is_special_name and (text.startswith(SEPARATOR) or text.endswith(SEPARATOR))
