"""What all tests of the raw readers use."""

from pathlib import Path

import pytest

from persona_assets.keys import DatasetKey
from persona_assets.settings import Settings
from persona_assets_tests.raw.reading import ROLE_KEY, SETTINGS, Outcome, Read, read_content


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes bytes to a file, reads it, and checks what must hold of every file."""

    def read_bytes(content: bytes, key: DatasetKey = ROLE_KEY, settings: Settings = SETTINGS) -> Outcome:
        return read_content(tmp_path / "alien.jsonl", content, key, settings)

    return read_bytes
