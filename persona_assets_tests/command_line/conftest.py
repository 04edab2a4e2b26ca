"""A workspace with everything made from the small corpus, and its catalogue: made once, copied for every test."""

import shutil
from pathlib import Path

import pytest

from persona_assets.collection.catalogue import count_by_model, write_catalogue
from persona_assets.collection.survey import survey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets.workspace import Workspace
from persona_assets_tests.end_to_end import open_instance, run_range
from persona_assets_tests.raw_corpus import KEYS, MODELS, write_corpus, write_settings


@pytest.fixture(scope="session")
def _made_with_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("listed") / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    with open_instance(workspace) as instance:
        assert run_range(instance, workspace, (KEYS[0], KEYS[-1])).success
    inventory = discover(RawCorpus.of(settings := load_settings(workspace=workspace)))
    surveyed = survey(settings, inventory)
    write_catalogue(Workspace.of(settings), surveyed, count_by_model(surveyed, inventory), inventory)
    return workspace


@pytest.fixture
def materialised_workspace(_made_with_catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With every key made, the times of all files kept, and its name in the environment."""
    workspace = tmp_path / "workspace"
    shutil.copytree(_made_with_catalogue, workspace, copy_function=shutil.copy2)
    monkeypatch.setenv("PERSONA_WORKSPACE", str(workspace))
    return workspace
