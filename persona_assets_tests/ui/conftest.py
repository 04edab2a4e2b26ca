"""One browser for all tests of a module."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from persona_assets_tests.ui.browsing import open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with open_browser() as browser:
        yield browser
