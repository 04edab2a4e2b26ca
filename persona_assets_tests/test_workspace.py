"""The storage layout of the documentation, path by path, with a model whose name has dots."""

from pathlib import Path

import pytest

from persona_assets.keys import DatasetKey, DatasetName
from persona_assets.settings import load_settings
from persona_assets.stages.parquet_export.spec import PARQUET_FILE
from persona_assets.stages.raw_conversations.spec import QUARANTINE
from persona_assets.stages.scored_dataset.spec import DATASET_FOLDER
from persona_assets.stages.token_stats.spec import COUNTS, PICTURE, STATISTICS
from persona_assets.workspace import Workspace

ROOT = Path("/workspace")
ROLE_KEY = DatasetKey("llama-3.3-70b", "role", "activist")
TRAIT_KEY = DatasetKey("llama-3.3-70b", "trait", "calm")
WORKSPACE = Workspace(ROOT, Path("/raw"))


@pytest.mark.parametrize(
    "name",
    [
        "llama-3.3-70b__role__activist",
        "llama-3.3-70b__role__activist__min3",
        "llama-3.3-70b__trait__calm__min70__pos",
    ],
)
def test_a_dataset_is_a_folder_and_a_parquet_file_beside_it(name: str) -> None:
    parsed = DatasetName.parse(name)
    assert str(DATASET_FOLDER.path(ROOT, parsed)) == f"/workspace/datasets/processed/persona/{name}"
    assert str(PARQUET_FILE.path(ROOT, parsed)) == f"/workspace/datasets/processed/persona/{name}.parquet"


def test_the_statistics_of_all_datasets_are_one_file_in_the_root() -> None:
    assert str(WORKSPACE.counts_table) == "/workspace/persona_token_counts.parquet"
    assert str(WORKSPACE.statistics_file) == "/workspace/persona_token_stats.json"


def test_a_histogram_is_named_like_its_dataset() -> None:
    expected = "/workspace/persona_token_plots/llama-3.3-70b__role__activist.png"
    assert str(PICTURE.path(ROOT, ROLE_KEY)) == expected


def test_the_records_of_a_key_are_named_like_its_dataset() -> None:
    name = "llama-3.3-70b__trait__calm"
    assert str(STATISTICS.path(ROOT, TRAIT_KEY)) == f"/workspace/persona_token_stats/{name}.json"
    assert str(COUNTS.path(ROOT, TRAIT_KEY)) == f"/workspace/persona_token_stats/{name}.parquet"
    assert str(WORKSPACE.manifest(TRAIT_KEY)) == f"/workspace/persona_manifests/{name}.json"
    assert str(QUARANTINE.path(ROOT, TRAIT_KEY)) == f"/workspace/persona_quarantine/{name}.jsonl"


def test_a_persona_with_a_dot_keeps_its_whole_name_in_every_path() -> None:
    key = DatasetKey("llama-3.3-70b", "role", "c.3po")
    paths = [
        DATASET_FOLDER.path(ROOT, DatasetName(key)),
        PARQUET_FILE.path(ROOT, DatasetName(key)),
        PICTURE.path(ROOT, key),
        STATISTICS.path(ROOT, key),
        COUNTS.path(ROOT, key),
        WORKSPACE.manifest(key),
        QUARANTINE.path(ROOT, key),
    ]
    assert all("c.3po" in path.name for path in paths)


def test_dagster_home_is_in_the_workspace() -> None:
    assert str(WORKSPACE.dagster_home) == "/workspace/dagster_home"


def test_no_two_outputs_of_any_two_datasets_share_a_path() -> None:
    paths: list[Path] = []
    for persona in ("a", "a.json", "a.png", "a.jsonl", "a.b"):
        key = DatasetKey("llama-3.3-70b", "role", persona)
        for name in (DatasetName(key), DatasetName.parse(f"{key}__min3"), DatasetName.parse(f"{key}__pos")):
            paths += [DATASET_FOLDER.path(ROOT, name), PARQUET_FILE.path(ROOT, name)]
        paths += [PICTURE.path(ROOT, key), STATISTICS.path(ROOT, key), COUNTS.path(ROOT, key)]
        paths += [WORKSPACE.manifest(key), QUARANTINE.path(ROOT, key)]
    assert len(set(paths)) == len(paths) == 5 * 11


def test_the_settings_decide_both_roots(tmp_path: Path) -> None:
    settings = load_settings(workspace=tmp_path / "w", data_root=tmp_path / "r")
    assert Workspace.of(settings) == Workspace(tmp_path / "w", tmp_path / "r")
    assert Workspace.of(load_settings(workspace=tmp_path)) == Workspace(tmp_path, tmp_path / "persona-data")
