"""``persona-assets`` as users run it: an installed program, in a folder of its own, with default settings."""

from pathlib import Path

import dagster as dg
import datasets
import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.commands import Done, persona_assets
from persona_assets_tests.end_to_end import STAGES
from persona_assets_tests.plain_reading import plain_rows, plain_variant
from persona_assets_tests.raw_corpus import (
    GEMMA,
    KEYS,
    MODELS,
    QWEN,
    responses_file,
    write_corpus,
    write_settings,
)

BROKEN_KEY = f"{GEMMA}__role__stoic"
ASKED_FOR = tuple(key for key in KEYS if key.startswith((GEMMA, QWEN)))
CREATED = "llama-3.3-70b__role__pirate"
MADE = {*ASKED_FOR, CREATED, "llama-3.3-70b__role__0_default"} - {BROKEN_KEY}
"""Also the baseline of the one created, with which that is paired."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``workspace/``, whose raw data hold one broken file and two that fit no key."""
    folder = tmp_path_factory.mktemp("command_line")
    raw = folder / "workspace" / "persona-data"
    write_settings(folder / "workspace", dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(raw)
    responses_file(raw, BROKEN_KEY).write_text("<!DOCTYPE html>\n", encoding="utf-8")
    for file in unfit_files(folder):
        file.write_text("{}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def generated(folder: Path) -> Done:
    return persona_assets(folder, "generate", "--type", "both", "--workers", "2", "--models", GEMMA, "--models", QWEN)


@pytest.fixture(scope="module")
def created(folder: Path, generated: Done) -> Done:
    model, kind, name = CREATED.split("__")
    return persona_assets(folder, "create", "--type", kind, "--model", model, "--name", name, "--min-score", "2")


def unfit_files(folder: Path) -> tuple[Path, ...]:
    responses = responses_file(folder / "workspace" / "persona-data", BROKEN_KEY).parent
    return responses / "two__names.jsonl", responses / "notes [old].txt"


def test_list_prints_the_key_of_every_raw_file_and_exits_with_1_for_what_has_none(folder: Path) -> None:
    done = persona_assets(folder, "list", "--type", "traits")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [key for key in KEYS if "__trait__" in key]


def test_raw_files_that_fit_no_key_are_reported_by_their_whole_path(folder: Path, generated: Done) -> None:
    listed = persona_assets(folder, "list")
    for file in unfit_files(folder):
        assert str(file) in listed.stderr
        assert str(file) in generated.stdout


def test_generate_exits_with_1_when_a_key_failed_and_names_its_file_and_line(folder: Path, generated: Done) -> None:
    assert generated.returncode == 1
    file = responses_file(folder / "workspace" / "persona-data", BROKEN_KEY)
    assert f"{BROKEN_KEY}: raw_conversations: {file}, line 1: " in generated.stdout
    assert f"{len(ASKED_FOR) - 1} of {len(ASKED_FOR)} keys done, 1 failed" in generated.stdout
    assert "Traceback" not in generated.stdout + generated.stderr


def test_every_good_key_that_was_asked_for_is_made_and_no_other(folder: Path, generated: Done, created: Done) -> None:
    plots = (folder / "workspace" / "persona_token_plots").iterdir()
    assert {plot.name for plot in plots} == {f"{key}.png" for key in MADE}


def test_what_the_command_line_makes_is_in_dagsters_account(
    folder: Path, generated: Done, created: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(folder / "workspace" / "dagster_home"))
    with dg.DagsterInstance.get() as instance:
        assert set(instance.get_dynamic_partitions("persona_datasets")) == set(KEYS)
        for stage in STAGES:
            made = instance.get_materialized_partitions(dg.AssetKey(stage))
            assert made == MADE


def test_create_makes_the_variant_asked_for_beside_the_default_one(folder: Path, created: Done) -> None:
    assert created.returncode == 0
    rows = plain_rows(folder / "workspace" / "persona-data", CREATED)
    for variant in ("min2", "min3"):
        made = folder / "workspace" / "datasets" / "processed" / "persona" / f"{CREATED}__{variant}"
        assert datasets.load_from_disk(str(made))["train"].to_list() == plain_variant(rows, variant)


def test_create_of_a_persona_without_raw_file_exits_with_1_and_one_message(folder: Path) -> None:
    done = persona_assets(folder, "create", "--type", "trait", "--model", QWEN, "--name", "nobody")
    assert done.returncode == 1
    assert f"{QWEN}__trait__nobody has no raw file" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_refuses_a_workspace_with_other_raw_data_and_changes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in (folder / "workspace" / "persona-data").rglob("*.json*")}
    done = persona_assets(folder, "demo")
    assert done.returncode == 1
    assert "contains data not from the demo" in done.stderr
    after = {path: path.read_bytes() for path in (folder / "workspace" / "persona-data").rglob("*.json*")}
    assert after == before
