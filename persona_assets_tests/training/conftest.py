"""A workspace whose datasets are made, shared by the tests of training sets."""

from pathlib import Path

import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets_tests.raw_corpus import KEYS, MODELS, write_corpus, write_settings


@pytest.fixture(scope="session")
def made_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only to be read, but for training sets, each under a name of its own."""
    workspace = tmp_path_factory.mktemp("training") / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_corpus(workspace / "persona-data")
    settings = load_settings(workspace=workspace)
    for key in sorted(KEYS, key=lambda key: "0_default" not in key):
        outcome = materialise_key(DatasetKey.parse(key), settings)
        assert outcome.failure is None, outcome.failure
    return workspace
