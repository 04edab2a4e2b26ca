"""Only layouts know what the folders, files and fields of raw data are called."""

import ast
from collections.abc import Iterator
from pathlib import Path

import persona_assets

PACKAGE = Path(persona_assets.__file__).parent
LAYOUTS = PACKAGE / "raw" / "layouts"
WRITES_A_LAYOUT = PACKAGE / "steering" / "formats" / "assistant_axis.py"
NAMES = ("roles_240", "traits_240", "extract_scores", "responses/", "/responses", "neutral")


def test_no_module_outside_the_layouts_names_a_raw_folder_or_an_old_label() -> None:
    named = [
        f"{path.relative_to(PACKAGE)}: {text!r}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if not path.is_relative_to(LAYOUTS)
        if path != WRITES_A_LAYOUT
        for text in constants(ast.parse(path.read_text(encoding="utf-8")))
        if text == "responses" or any(name in text for name in NAMES)
    ]
    assert named == []


def test_the_layouts_are_where_such_names_are_found() -> None:
    texts = {
        text for path in LAYOUTS.rglob("*.py") for text in constants(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert {"roles_240", "traits_240", "extract_scores", "responses", "neutral"} <= texts


def constants(tree: ast.AST) -> Iterator[str]:
    """Every string of a module that is not there for readers only."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_one_kind_is_asked_for_by_name_only_where_the_module_of_kinds_says_so() -> None:
    asking = {
        str(path.relative_to(PACKAGE).parent if path.is_relative_to(LAYOUTS) else path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id in ("ROLE", "TRAIT")
    }
    assert asking == {
        "kinds.py",
        "plots/bands.py",
        "sample/conversations.py",
        "raw/layouts/assistant_axis",
        "raw/layouts/persona_files",
        "raw/layouts/persona_subspace",
        "raw/layouts/persona_subspace_240",
        "raw/layouts/persona_vectors",
        "raw/layouts/rollout_tables",
    }
