"""What docstrings say only one module does."""

import ast
from collections.abc import Iterator
from pathlib import Path

import persona_assets
from persona_assets.keys import SEPARATOR
from persona_assets.settings import ENV_PREFIX

PACKAGE = Path(persona_assets.__file__).parent
TREES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
READERS_OF_THE_ENVIRONMENT = {"cli/ui.py", "dagster_runtime/homes.py", "dagster_runtime/instance.py", "settings.py"}
"""The command that passes its own on to Dagster, and DAGSTER_HOME. ``tokens/__init__`` only sets what is unset."""


def test_only_settings_reads_the_variables_of_settings() -> None:
    users = {module for module, tree in TREES.items() if any(uses_environment(node) for node in ast.walk(tree))}
    assert users - {"tokens/__init__.py"} == READERS_OF_THE_ENVIRONMENT
    lookups = {
        module: [text for text in texts(tree) if text.startswith(ENV_PREFIX) and text[len(ENV_PREFIX) :].isupper()]
        for module, tree in TREES.items()
        if module in READERS_OF_THE_ENVIRONMENT
    }
    assert {module for module, names in lookups.items() if names} <= {"settings.py"}


def test_only_keys_takes_names_apart_or_puts_them_together() -> None:
    workers = [
        module
        for module, tree in TREES.items()
        if any(text == SEPARATOR for text in texts(tree)) or "SEPARATOR" in names(tree)
    ]
    assert workers == ["keys.py"]


def uses_environment(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")


def texts(tree: ast.AST) -> Iterator[str]:
    """Every string in the code that is not part of an f-string: those with ``__`` name pictures and trash."""
    parts = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
            yield node.value


def names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
