"""The files about all keys are left alone only if nothing they depend on has changed, and nobody changed them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from persona_assets.collection.refreshed import describe_inputs, is_refreshed, note_refreshed
from persona_assets.settings import Settings, load_settings
from persona_assets_tests.raw_corpus import KEYS, responses_file

Change = Callable[[Path], object]


def add_line(path: Path) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("\n")


@pytest.fixture
def settings(materialised_workspace: Path) -> Settings:
    """Of a workspace whose files about all keys were just noted as made."""
    for name in ("persona_catalogue.json", "persona_token_stats.json"):
        (materialised_workspace / name).write_text("{}")
    settings = load_settings()
    note_refreshed(settings, describe_inputs(settings, KEYS))
    return settings


def still_refreshed(settings: Settings, registered: tuple[str, ...] = KEYS) -> bool:
    return is_refreshed(settings, describe_inputs(settings, registered))


def test_it_is_refreshed_if_nothing_has_changed(settings: Settings) -> None:
    assert still_refreshed(settings)
    assert still_refreshed(load_settings())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda root: add_line(responses_file(root / "persona-data", KEYS[0])), id="raw file"),
        pytest.param(lambda root: responses_file(root / "persona-data", KEYS[0]).unlink(), id="no raw file"),
        pytest.param(lambda root: add_line(root / "persona_standings" / f"{KEYS[0]}.json"), id="outcome"),
        pytest.param(lambda root: add_line(root / "persona_manifests" / f"{KEYS[0]}.json"), id="manifest"),
        pytest.param(lambda root: (root / "persona_manifests" / f"{KEYS[0]}.json").unlink(), id="no manifest"),
        pytest.param(lambda root: add_line(root / "persona_catalogue.json"), id="catalogue"),
        pytest.param(lambda root: (root / "persona_token_stats.json").unlink(), id="no statistics"),
        pytest.param(lambda root: (root / "persona_refreshed.txt").unlink(), id="no note"),
    ],
)
def test_a_change_of_any_file_that_counts_is_noticed(settings: Settings, change: Change) -> None:
    change(settings.workspace)
    assert not still_refreshed(settings)


def test_another_setting_or_another_partition_is_noticed(settings: Settings) -> None:
    assert not still_refreshed(settings, KEYS[1:])
    assert not still_refreshed(load_settings(long_answer_tokens=7))
