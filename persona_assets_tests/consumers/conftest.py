"""The tokenizers as fixtures: the sample always, the real ones where they are."""

from pathlib import Path

import pytest

from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets_tests.consumers.models import REAL, SAMPLE, Model


@pytest.fixture(scope="module", params=[SAMPLE, *REAL], ids=lambda model: model.name)
def model(request: pytest.FixtureRequest) -> Model:
    chosen = request.param
    assert isinstance(chosen, Model)
    return chosen


@pytest.fixture(scope="module")
def tokenizer(model: Model, request: pytest.FixtureRequest) -> Path:
    if model is SAMPLE:
        return SAMPLE_TOKENIZER_FOLDER
    folder: Path = request.getfixturevalue("real_tokenizers")
    return folder / model.name
