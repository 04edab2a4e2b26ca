"""PNG is always written; PDF and SVG stand beside it for as long as the settings ask for them."""

from pathlib import Path
from typing import Any

import pytest

from persona_assets.collection.comparison_pictures import draw_pictures
from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.run.outcome import KeyOutcome
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets.stage.outcomes import Unchanged
from persona_assets.workspace import Workspace
from persona_assets_tests.raw_corpus import MODELS, QWEN, write_persona, write_settings

KEY = f"{QWEN}__trait__stoic"


def make(workspace: Path, shown: KeyOutcome | None = None, **settings: Any) -> KeyOutcome:
    on_show = shown.data_versions if shown else {}
    outcome = materialise_key(DatasetKey.parse(KEY), load_settings(workspace=workspace, **settings), on_show=on_show)
    assert outcome.failure is None
    return outcome


def pictures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write_settings(tmp_path, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    write_persona(tmp_path / "persona-data", KEY)
    return tmp_path


def test_formats_come_and_go_with_the_setting_and_the_png_stays_as_it_is(workspace: Path) -> None:
    first = make(workspace)
    plain = pictures(workspace / "persona_token_plots")
    assert plain.keys() == {f"{KEY}.png"}
    outcome = make(workspace, first, picture_formats=["svg", "pdf"])
    assert [stage for stage, made in outcome.made.items() if not isinstance(made, Unchanged)] == ["histogram"]
    every = pictures(workspace / "persona_token_plots")
    assert every.keys() == {f"{KEY}.{form}" for form in ("png", "pdf", "svg")}
    assert every[f"{KEY}.png"] == plain[f"{KEY}.png"]
    make(workspace, picture_formats=["png", "pdf", "svg"], stages_off=["conversation_signs"])
    assert pictures(workspace / "persona_token_plots") == every
    make(workspace)
    assert pictures(workspace / "persona_token_plots") == plain


@pytest.mark.parametrize("form", ["pdf", "svg"])
def test_a_picture_beside_the_png_that_is_not_whole_is_found(workspace: Path, form: str) -> None:
    make(workspace, picture_formats=[form])
    path = workspace / "persona_token_plots" / f"{KEY}.{form}"
    path.write_bytes(path.read_bytes()[:-100])
    settings = load_settings(workspace=workspace, picture_formats=[form])
    outcome = materialise_key(DatasetKey.parse(KEY), settings, stages=(), checked=("histogram",))
    (found,) = outcome.checks
    assert (found.check.name, found.passed, found.facts["damaged"]) == ("picture_valid", False, [str(path)])


def test_pictures_of_many_have_the_formats_too_and_are_drawn_once(workspace: Path) -> None:
    make(workspace)

    def draw(*formats: str) -> int:
        keys, at = [DatasetKey.parse(KEY)], Workspace.of(load_settings(workspace=workspace))
        return draw_pictures(at, keys, on_shared_axes=False, workers=1, formats=formats).drawn

    folder = workspace / "persona_comparison_plots" / "overviews"
    assert (draw("png"), draw("png", "pdf", "svg"), draw("png", "pdf", "svg")) == (1, 1, 0)
    assert pictures(folder).keys() == {f"{QWEN}__trait.{form}" for form in ("png", "pdf", "svg")}
    assert draw("png") == 0
    assert pictures(folder).keys() == {f"{QWEN}__trait.png"}
