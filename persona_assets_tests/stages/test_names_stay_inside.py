"""A stage's name is in its own folder. Elsewhere there are only imports of what it declares, by those who read it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import persona_assets
from persona_assets.stage.spec import Stage
from persona_assets.stages.registry import STAGES
from persona_assets_tests.stage_names import OF_SETS
from persona_assets_tests.stage_names import STAGES as OF_KEYS

PACKAGE = Path(persona_assets.__file__).parent
NAMES = (*OF_KEYS, *OF_SETS)
FOLDERS = {name: PACKAGE / "stages" / name for name in NAMES}
READERS = {
    "cli/generating.py": {"token_stats"},
    "cli/showing.py": {"filtered_variants"},
    "cli/demo_tour.py": {"raw_conversations", "token_stats"},
    "cli/make_sets.py": {"training_sets"},
    "cli/materialise_keys.py": {"scored_dataset", "training_sets"},
    "cli/quality_remarks.py": {"raw_conversations", "filtered_variants"},
    "cli/recipe_file.py": {"training_sets"},
    "cli/set_recipes.py": {"training_sets"},
    "cli/ui.py": {"training_sets"},
    "collection/comparison_pictures.py": {"histogram", "scored_dataset", "token_stats"},
    "collection/copies.py": {"raw_conversations"},
    "collection/library_caches.py": {"scored_dataset"},
    "collection/views.py": {
        "raw_conversations",
        "filtered_variants",
        "parquet_export",
        "token_stats",
        "conversation_signs",
        "contrast_pairs",
    },
    "collection/current_pairs.py": {"contrast_pairs"},
    "collection/current_statistics.py": {"scored_dataset", "token_stats"},
    "collection/dataset_copies.py": {"scored_dataset", "parquet_export"},
    "collection/listed_figures.py": {"filtered_variants", "scored_dataset", "token_stats"},
    "collection/gathered_counts.py": {"token_stats"},
    "collection/training_sets.py": {"training_sets"},
    "collection/dictionary.py": {"token_stats"},
    "dagster_defs/batch.py": {"training_sets"},
    "dagster_defs/collection_assets.py": {"token_stats", "training_sets"},
    "dagster_defs/comparison_plots_asset.py": {"token_stats"},
    "dagster_defs/jobs.py": {"contrast_pairs", "training_sets"},
    "dagster_defs/pairs_asset.py": {"contrast_pairs"},
    "dagster_defs/report_asset.py": {
        "raw_conversations",
        "scored_dataset",
        "token_stats",
        "histogram",
        "conversation_signs",
    },
    "notebook/holdings.py": {"parquet_export"},
    "notebook/opening.py": {"parquet_export"},
    "notebook/pair_tables.py": {"contrast_pairs"},
    "notebook/rows.py": {"filtered_variants", "parquet_export", "token_stats"},
    "notebook/tables.py": {"raw_conversations", "token_stats"},
    "publishing/cards.py": {"parquet_export"},
    "publishing/facts.py": {"raw_conversations", "scored_dataset", "parquet_export", "token_stats"},
    "report/key_files.py": {"raw_conversations", "scored_dataset", "token_stats", "conversation_signs"},
    "report/key_page.py": {"raw_conversations", "scored_dataset", "token_stats"},
    "report/key_row.py": {"raw_conversations"},
    "report/offenders.py": {"raw_conversations"},
    "report/rows.py": {"conversation_signs"},
    "report/stamps.py": {"token_stats"},
    "steering/reading.py": {"contrast_pairs", "scored_dataset"},
}
"""Modules that read an output of a stage, or depend on it, and are no stages."""


def test_each_stage_has_a_folder_of_its_name_and_the_registry_lists_them_in_order() -> None:
    assert tuple(stage.name for stage in STAGES) == NAMES
    assert all(folder.joinpath("spec.py").is_file() for folder in FOLDERS.values())


def test_no_code_names_a_stage_of_another_folder() -> None:
    named = [
        f"{path.relative_to(PACKAGE)}: {text!r}"
        for path, tree in parse_modules()
        for text in list_texts(tree)
        if text in NAMES and not path.is_relative_to(FOLDERS[text])
    ]
    assert named == []


def test_only_stages_the_registry_and_known_readers_import_a_stage() -> None:
    imported: dict[str, set[str]] = {}
    for path, tree in parse_modules():
        if not path.is_relative_to(PACKAGE / "stages"):
            stages = {name for module in list_imports(tree) for name in NAMES if f".stages.{name}." in f"{module}."}
            if stages:
                imported[path.relative_to(PACKAGE).as_posix()] = stages
    assert imported == READERS


def test_a_stage_imports_only_stages_that_it_needs() -> None:
    needs = {
        stage.name: {
            above.name for read in (need.stage for need in stage.needs) for above in (read, *read.ancestors())
        }
        for stage in STAGES
    }
    for path, tree in parse_modules():
        own = next((name for name, folder in FOLDERS.items() if path.is_relative_to(folder)), None)
        if own:
            used = {name for module in list_imports(tree) for name in NAMES if f".stages.{name}." in f"{module}."}
            assert used <= needs[own] | {own}, path


def name_line(stage: Stage[Any]) -> set[str]:
    """A stage, and those that it follows from."""
    return {one.name for one in (stage, *stage.ancestors())}


def parse_modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def list_texts(tree: ast.AST) -> Iterator[str]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def list_imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
