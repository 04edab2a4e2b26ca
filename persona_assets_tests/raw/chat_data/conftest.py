"""An empty raw root for chat data."""

from pathlib import Path

import pytest

from persona_assets_tests.raw.chat_data.chats import Chats


@pytest.fixture
def chats(tmp_path: Path) -> Chats:
    return Chats(tmp_path)
