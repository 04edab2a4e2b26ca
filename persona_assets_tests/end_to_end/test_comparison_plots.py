"""Pictures of more than one dataset: which there are, and which are drawn again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from persona_assets.definitions import defs
from persona_assets_tests.end_to_end import open_instance, run_job, run_range
from persona_assets_tests.raw_corpus import KEYS, scores_file

ASSET = dg.AssetKey("persona_comparison_plots")
OVERVIEWS = {
    "gemma-2-27b__role",
    "gemma-2-27b__trait",
    "llama-3.3-70b__role",
    "qwen-3-32b__role",
    "qwen-3-32b__trait",
}
COMPARISONS = {"role__0_default", "role__pirate", "role__stoic", "trait__stoic"}
CHANGED = "qwen-3-32b__role__stoic"
OF_CHANGED = {
    "overviews/qwen-3-32b__role.png",
    "differences/qwen-3-32b__role.png",
    "personas/role__stoic.png",
}


@dataclass(frozen=True)
class Project:
    workspace: Path
    instance: dg.DagsterInstance

    def run(self, *, shared_axes: bool = False) -> dict[str, Any]:
        """Draw; the numbers that the asset reports."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PERSONA_WORKSPACE", str(self.workspace))
            run = defs.resolve_job_def("refresh_catalogue").execute_in_process(
                run_config={"ops": {"persona_comparison_plots": {"config": {"shared_axes": shared_axes}}}},
                instance=self.instance,
            )
        (made,) = [event for event in run.get_asset_materialization_events() if event.asset_key == ASSET]
        return {name: value.value for name, value in made.materialization.metadata.items()}

    def pictures(self) -> dict[str, bytes]:
        folder = self.workspace / "persona_comparison_plots"
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.png")}


@pytest.fixture
def project(materialised_workspace: Path) -> Iterator[Project]:
    with open_instance(materialised_workspace) as instance:
        yield Project(materialised_workspace, instance)


def test_every_model_has_an_overview_and_every_persona_of_several_models_a_comparison(project: Project) -> None:
    made = project.run()
    expected = {f"{folder}/{name}.png" for name in OVERVIEWS for folder in ("overviews", "differences")}
    expected |= {f"personas/{name}.png" for name in COMPARISONS}
    assert project.pictures().keys() == expected
    assert (made["overviews"], made["comparisons"], made["on_shared_axes"]) == (len(OVERVIEWS), len(COMPARISONS), 0)
    assert (made["differences"], made["drawn"]) == (len(OVERVIEWS), len(expected))
    for path in (project.workspace / "persona_comparison_plots").rglob("*.png"):
        with Image.open(path) as picture:
            shades = np.asarray(picture.convert("L"))
            assert (shades.min() < 100, shades.max() > 250) == (True, True), "nothing is drawn"


def test_only_pictures_of_changed_statistics_are_drawn_again(project: Project) -> None:
    project.run()
    before = project.pictures()
    assert project.run()["drawn"] == 0
    scores = scores_file(project.workspace / "persona-data", CHANGED)
    scores.write_text(json.dumps(dict.fromkeys(json.loads(scores.read_text()), 2)), encoding="utf-8")
    assert run_range(project.instance, project.workspace, (CHANGED, CHANGED)).success
    assert project.run()["drawn"] == len(OF_CHANGED)
    after = project.pictures()
    assert {name for name in after if after[name] != before[name]} == OF_CHANGED


def test_datasets_on_shared_axes_are_drawn_when_asked_and_kept_up_to_date_from_then_on(project: Project) -> None:
    assert project.run(shared_axes=True)["on_shared_axes"] == len(KEYS)
    shared = {name: of for name, of in project.pictures().items() if name.startswith("shared_axes/")}
    assert shared.keys() == {f"shared_axes/{key}.png" for key in KEYS}
    plots = project.workspace / "persona_token_plots"
    assert any((plots / f"{key}.png").read_bytes() != shared[f"shared_axes/{key}.png"] for key in KEYS)
    again = project.run()
    assert (again["on_shared_axes"], again["drawn"]) == (len(KEYS), 0)


def test_a_damaged_picture_is_drawn_again_and_one_that_nothing_stands_behind_is_removed(project: Project) -> None:
    project.run()
    before = project.pictures()
    folder = project.workspace / "persona_comparison_plots" / "personas"
    (folder / "role__pirate.png").write_bytes(b"no picture")
    (folder / "role__forgotten.png").write_bytes((folder / "role__stoic.png").read_bytes())
    made = project.run()
    assert (made["drawn"], made["removed"]) == (1, 1)
    assert project.pictures() == before


def test_the_statistics_table_has_the_totals_of_the_json(project: Project) -> None:
    assert run_job(project.instance, project.workspace, "refresh_catalogue").success
    datasets = json.loads((project.workspace / "persona_token_stats.json").read_text(encoding="utf-8"))["datasets"]
    table = pd.read_parquet(project.workspace / "persona_token_stats.parquet")
    whole = table[(table["group"] == "all") & table["variant"].isna()]
    found = {
        f"{row.model}__{row.type}__{row.name_of}": (row.conversations, row.tokens)
        for row in whole.rename(columns={"name": "name_of"}).itertuples()
    }
    assert found == {key: (of["total_conversations"], of["total_tokens"]) for key, of in datasets.items()}
    assert found.keys() == set(KEYS)
    scores = table[(table["group"] == "score") & table["variant"].isna()]
    assert scores["tokens"].sum() == whole["tokens"].sum()
