"""``persona-assets train-set`` as users run it: recipes are written into the settings, made, listed and refused."""

import json
import tomllib
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from persona_assets.dagster_defs.collection_assets import raw_inventory
from persona_assets.dagster_runtime.instance import open_instance
from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.commands import Done, persona_assets, persona_assets_in_turn
from persona_assets_tests.raw_corpus import GEMMA, MODELS, write_persona, write_settings

pytestmark = pytest.mark.campaign

COMMENT = "# kept as it is\n"
NEW = ("train-set", "create")
CALM = (*NEW, "stoics", "--model", "gemma-*", "--persona", "stoic", "--type", "traits", "--min-score", "20", "--seed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train_sets")
    workspace = folder / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    with settings_file(folder).open("a", encoding="utf-8") as file:
        file.write(COMMENT)
    settings = load_settings(workspace=workspace)
    for name in ("trait__stoic", "trait__blunt"):
        key = DatasetKey.parse(f"{GEMMA}__{name}")
        write_persona(settings.raw_root, str(key))
        assert materialise_key(key, settings).failure is None
    return folder


@pytest.fixture(scope="module")
def created(folder: Path) -> Done:
    return persona_assets(folder, *CALM, "7", "--split", "train=0.5", "--split", "validation=0.5")


def settings_file(folder: Path) -> Path:
    return folder / "workspace" / "persona_assets.toml"


def recipes(folder: Path) -> Any:
    return tomllib.loads(settings_file(folder).read_text(encoding="utf-8"))["training_sets"]


def test_create_writes_the_recipe_and_makes_the_set_through_dagster(folder: Path, created: Done) -> None:
    assert created.returncode == 0, created.stdout + created.stderr
    assert recipes(folder)["stoics"] == {
        "models": ["gemma-*"],
        "kinds": ["trait"],
        "personas": ["stoic"],
        "min_score": 20,
        "splits": {"train": 0.5, "validation": 0.5},
        "seed": 7,
    }
    text = settings_file(folder).read_text(encoding="utf-8")
    assert COMMENT in text
    assert text.startswith("[models]\n")
    made = folder / "workspace" / "persona_training_sets" / "stoics"
    assert {path.name for path in made.iterdir()} == {
        "train.jsonl",
        "validation.jsonl",
        "rows.parquet",
        "manifest.json",
        "README.md",
    }
    examples = sum(one["examples"] for one in json.loads((made / "manifest.json").read_text())["splits"].values())
    assert "stoics  passed" in created.stdout
    with open_instance(Workspace.of(load_settings(workspace=folder / "workspace"))) as instance:
        assert instance.get_dynamic_partitions("training_sets") == ["stoics"]
        latest = instance.get_latest_materialization_event(dg.AssetKey("training_sets"))
        assert latest
        assert latest.asset_materialization
        assert latest.asset_materialization.partition == "stoics"
        assert latest.asset_materialization.metadata["dagster/row_count"].value == examples


@pytest.mark.usefixtures("created")
def test_wrong_input_is_refused_before_anything_is_written(folder: Path) -> None:
    before = settings_file(folder).read_bytes()
    commands = {
        (*CALM, "1"): "there is a training set 'stoics' already; give --replace",
        (*NEW, "a__b"): "a name has small letters, digits, '-' and single '_'",
        (*NEW, "corpus"): "the workspace uses that name itself",
        (*NEW, "x", "--model", "gema-2-27b"): "no model is called 'gema-2-27b'; did you mean gemma-2-27b?",
        (*NEW, "x", "--persona", "stoics"): "no persona is called 'stoics'; did you mean stoic?",
        (*NEW, "x", "--format", "dpo"): "dpo needs pair_rule",
        (*NEW, "x", "--format", "dpo", "--pair-rule", "gab > 3"): "'gab > 3' cannot be evaluated",
        (*NEW, "x", "--format", "kto"): "kto needs either pair_rule or desirable_score",
        (*NEW, "x", "--pair-rule", "gap50"): "sft is not made of pairs",
        (*NEW, "x", "--split", "train=0.5"): "the shares add up to 0.5, not to 1",
        (*NEW, "x", "--split", "train"): "'train' is not NAME=SHARE",
        (*NEW, "x", "--where", " "): "an empty condition says nothing",
        ("train-set", "make", "stoic"): "no training set is called 'stoic'; did you mean stoics?",
    }
    for done, message in zip(persona_assets_in_turn(folder, *commands), commands.values(), strict=True):
        assert done.returncode, done.args
        assert message in " ".join(done.stderr.split()), done.args
    assert settings_file(folder).read_bytes() == before


@pytest.mark.usefixtures("created")
def test_replace_writes_the_recipe_anew_and_the_list_says_that_the_set_is_stale(folder: Path) -> None:
    listed, replaced, again = persona_assets_in_turn(
        folder, ("train-set", "list"), (*CALM, "5", "--replace", "--no-make"), ("train-set", "list")
    )
    assert "passed" in listed.stdout
    assert replaced.returncode == 0, replaced.stderr
    assert recipes(folder)["stoics"]["seed"] == 5
    assert "splits" not in recipes(folder)["stoics"]
    assert "stale" in again.stdout
    failed = persona_assets(folder, "train-set", "make")
    assert failed.returncode == 1
    assert "split 'validation' would be empty" in " ".join(failed.stdout.split())


def test_without_any_dataset_a_recipe_can_be_written_but_no_set_made(folder: Path, tmp_path: Path) -> None:
    write_settings(tmp_path / "workspace", dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    none, made, written = persona_assets_in_turn(
        tmp_path, ("train-set", "make"), (*NEW, "early"), (*NEW, "early", "--no-make")
    )
    assert "has no training set; write one with" in none.stderr
    assert "no dataset has been made yet; run 'persona-assets generate' first" in made.stderr
    assert written.returncode == 0
    assert recipes(tmp_path) == {"early": {}}


def test_the_inventory_registers_every_set_of_the_settings(workspace: Path) -> None:
    with settings_file(workspace.parent).open("a", encoding="utf-8") as file:
        file.write("[training_sets.one]\n[training_sets.two]\n")
    write_persona(workspace / "persona-data", f"{GEMMA}__trait__stoic")
    with dg.instance_for_test() as instance:
        for _ in range(2):
            assert dg.materialize([raw_inventory], instance=instance).success
        assert sorted(instance.get_dynamic_partitions("training_sets")) == ["one", "two"]
