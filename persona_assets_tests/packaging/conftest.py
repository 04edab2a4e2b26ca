"""No checkout, no packaging: these tests read the files at its root."""

import pytest

from persona_assets_tests.packaging import CHECKOUT, PROJECT_FILE


@pytest.fixture(scope="session", autouse=True)
def _only_in_a_checkout() -> None:
    if not PROJECT_FILE.is_file():
        pytest.skip(f"{CHECKOUT} is not a checkout")
