"""A workspace in which the small corpus has been materialised, made once and copied for every test."""

import shutil
from pathlib import Path

import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.end_to_end import open_instance, run_range
from persona_assets_tests.raw_corpus import KEYS, MODELS, write_corpus, write_settings


@pytest.fixture(scope="session")
def _materialised_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = tmp_path_factory.mktemp("materialised") / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    with open_instance(workspace) as instance:
        assert run_range(instance, workspace, (KEYS[0], KEYS[-1])).success
    return workspace


@pytest.fixture
def materialised_workspace(_materialised_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With every key made, the times of the raw files kept, and its name in the environment."""
    workspace = tmp_path / "workspace"
    shutil.copytree(_materialised_once, workspace, copy_function=shutil.copy2)
    monkeypatch.setenv("PERSONA_WORKSPACE", str(workspace))
    return workspace
