"""What the tests of layouts share."""

from pathlib import Path

import pytest

from persona_assets.sample.conversations import write_sample_corpus
from persona_assets.workspace import Workspace


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo corpus in persona-subspace-240."""
    root = tmp_path_factory.mktemp("demo")
    write_sample_corpus(Workspace(root, root))
    return root
