"""docs/training.md: its commands make its sets on the demo, and its examples read them."""

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args

import datasets
import pytest
from dagster_shared.yaml_utils import load_yaml_from_path

from persona_assets.stages.training_sets.writing import ROWS_SCHEMA
from persona_assets.training.tally import REASONS
from persona_assets.training_recipes import FormatName, Recipe
from persona_assets_tests.docs import DOCS, ROOT, find_code_blocks, find_section, find_table_entries, read_page

pytestmark = pytest.mark.campaign

PAGE = read_page(DOCS / "training.md")
COMMANDS = [line for block in find_code_blocks(PAGE, "bash") for line in block.replace("\\\n", " ").splitlines()]
PYTHON = find_code_blocks(PAGE, "python")
RUN = """
import json, sys
from click.testing import CliRunner
from persona_assets.cli.commands import commands
for command in json.loads(sys.argv[1]):
    done = CliRunner().invoke(commands, command)
    assert done.exit_code == 0, (command, done.output)
"""


@pytest.fixture(scope="module")
def folder(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a copy of the demo's workspace in which all sets of the page were made by its commands."""
    folder = tmp_path_factory.mktemp("training_page")
    shutil.copytree(demo_workspace, folder / "workspace", symlinks=True)
    commands = [[*shlex.split(line)[1:], "--no-make"] for line in COMMANDS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PERSONA_WORKSPACE": str(folder / "workspace")}
    todo = json.dumps([*commands, ["train-set", "make"]])
    done = subprocess.run(
        [sys.executable, "-c", RUN, todo], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_recipe_shown_is_the_one_that_the_first_command_writes(folder: Path) -> None:
    [shown] = find_code_blocks(find_section(PAGE, "Make one"), "toml")
    written = tomllib.loads((folder / "workspace" / "persona_assets.toml").read_text(encoding="utf-8"))
    name = "calm-sft"
    assert tomllib.loads(shown)["training_sets"] == {name: written["training_sets"][name]}


def test_every_format_has_a_command(folder: Path) -> None:
    written = tomllib.loads((folder / "workspace" / "persona_assets.toml").read_text(encoding="utf-8"))
    assert {one.get("format", "sft") for one in written["training_sets"].values()} == set(get_args(FormatName))


@pytest.mark.parametrize("block", PYTHON, ids=range(len(PYTHON)))
def test_a_python_example_runs_and_writes_nothing(block: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "from trl" in block and importlib.util.find_spec("trl") is None:
        compile(block, "example", "exec")
        pytest.skip("TRL is not installed")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", folder / "cache")
    before = sorted((folder / "workspace").rglob("*"))
    exec(compile(block, "example", "exec"), {})
    assert sorted((folder / "workspace").rglob("*")) == before


def test_llama_factory_finds_the_datasets_that_the_page_names(folder: Path) -> None:
    shown = read_yaml("LLaMA-Factory", folder)
    entries = json.loads((folder / shown["dataset_dir"] / "dataset_info.json").read_text(encoding="utf-8"))
    assert {shown["dataset"], shown["eval_dataset"]} == set(entries)


def test_the_lines_for_axolotl_are_those_in_the_folder(folder: Path) -> None:
    snippet = folder / "workspace" / "persona_training_sets" / "calm-axolotl" / "axolotl.yaml"
    assert load_yaml_from_path(str(snippet)) == read_yaml("axolotl", folder)


def test_the_tables_have_every_entry_and_every_reason() -> None:
    assert find_table_entries(find_section(PAGE, "What is chosen")) == set(REASONS)
    described = find_table_entries(find_section(PAGE, "Make one"))
    assert {name for name in described if " " not in name} == set(Recipe.model_fields)


def test_the_columns_of_the_rows_are_described() -> None:
    described = find_table_entries(find_section(read_page(DOCS / "outputs.md"), "Training sets"))
    assert set(ROWS_SCHEMA.names) <= described


def read_yaml(heading: str, folder: Path) -> Any:
    [block] = find_code_blocks(find_section(PAGE, heading), "yaml")
    path = folder / "shown.yaml"
    path.write_text(block, encoding="utf-8")
    return load_yaml_from_path(str(path))
