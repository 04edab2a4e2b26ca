"""Imports go one way: from what starts work down to what does it, and to the names everything shares."""

import ast
from pathlib import Path

import pytest

import persona_assets

PACKAGE = Path(persona_assets.__file__).parent
MODULES = {
    ".".join(("persona_assets", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
FOUNDATION = (
    "errors",
    "kinds",
    "suggestions",
    "question_splits",
    "keys",
    "json_nesting",
    "regular_files",
    "setting_names",
    "setting_folders",
    "chat_fields",
    "template_arguments",
    "pair_rules",
    "training_recipes",
    "settings",
    "workspace",
)
WORK = (
    *("raw", "tokens", "store", "plots", "stage", "stages", "statistics", "pairs", "training", "run", "collection"),
    *("report", "notebook", "publishing", "steering"),
)
LAYERS = (
    ("errors",),
    ("kinds", "suggestions", "question_splits"),
    ("keys", "json_nesting", "regular_files"),
    ("setting_names",),
    ("setting_folders", "chat_fields", "template_arguments", "pair_rules", "training_recipes"),
    ("settings",),
    ("workspace",),
    ("store",),
    ("raw", "tokens", "statistics", "predicates"),
    ("pairs",),
    ("training",),
    ("plots",),
    ("stage",),
    ("stages",),
    ("run",),
    ("collection",),
    ("steering",),
    ("report", "notebook", "publishing"),
    ("dagster_runtime",),
    ("dagster_defs",),
    ("definitions",),
    ("cli",),
)
"""Each may import from those before it. The rest (progress, provenance, sample) serves several of them."""


@pytest.mark.parametrize("part", FOUNDATION)
def test_names_settings_and_paths_import_nothing_above_themselves(part: str) -> None:
    allowed = {f"persona_assets.{name}" for name in FOUNDATION[: FOUNDATION.index(part)]}
    assert own_imports(f"persona_assets.{part}") <= allowed


@pytest.mark.parametrize("module", [name for name in MODULES if name.split(".")[1:2] and name.split(".")[1] in WORK])
def test_what_does_the_work_knows_neither_dagster_nor_the_command_line(module: str) -> None:
    imported = all_imports(module)
    own = (f"persona_assets.{part}" for part in ("dagster_runtime", "dagster_defs", "cli"))
    unwanted = ("dagster", "click", "rich", *own)
    assert [name for name in imported if below(name, unwanted)] == []


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("persona_assets.dagster_defs")])
def test_the_dagster_definitions_do_not_know_the_command_line(module: str) -> None:
    assert [name for name in all_imports(module) if below(name, ("persona_assets.cli", "click", "rich"))] == []


@pytest.mark.parametrize("layer", range(len(LAYERS)), ids=["+".join(layer) for layer in LAYERS])
def test_no_layer_imports_a_later_one(layer: int) -> None:
    later = tuple(f"persona_assets.{part}" for parts in LAYERS[layer + 1 :] for part in parts)
    here = tuple(f"persona_assets.{part}" for part in LAYERS[layer])
    upward = [
        f"{module} imports {name}"
        for module in MODULES
        if below(module, here)
        for name in own_imports(module)
        if below(name, later)
    ]
    assert upward == []


def test_no_module_of_the_package_imports_itself_in_a_circle() -> None:
    """What loads the code of a stage is left out: it is called when all modules are there."""
    graph = {module: own_imports(module, but_in="load_code") & MODULES.keys() - {module} for module in MODULES}
    while leaves := [module for module, imported in graph.items() if not imported]:
        graph = {module: imported - set(leaves) for module, imported in graph.items() if module not in leaves}
    assert graph == {}


def test_definitions_only_puts_together() -> None:
    tree = ast.parse(MODULES["persona_assets.definitions"].read_text(encoding="utf-8"))
    made = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, made)] == []


def all_imports(module: str, but_in: str = "") -> set[str]:
    """Every module imported anywhere in ``module``, inside functions too, but not for types alone."""
    found: set[str] = set()
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    left_out = {
        inner
        for node in ast.walk(tree)
        if (isinstance(node, ast.FunctionDef) and node.name == but_in) or _is_for_types(node)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found |= {_imported(str(node.module), alias.name) for alias in node.names}
    return found


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def own_imports(module: str, but_in: str = "") -> set[str]:
    return {name for name in all_imports(module, but_in) if below(name, ("persona_assets",))}


def below(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _imported(package: str, name: str) -> str:
    return f"{package}.{name}" if f"{package}.{name}" in MODULES else package
