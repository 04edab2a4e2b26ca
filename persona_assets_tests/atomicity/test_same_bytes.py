"""Equal input gives equal bytes: in the same workspace all files, in another one all data files."""

import json
from pathlib import Path

from persona_assets_tests.atomicity import (
    EARLIER,
    KEY,
    LATER,
    STAGES,
    clear_outputs,
    data_hashes,
    hashes,
    make_version,
    make_well,
    settings_of,
    stage_of,
)


def test_unchanged_input_makes_the_same_bytes_of_every_output_manifest_included(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    settings = settings_of(workspace)
    make_version(EARLIER, settings)
    first = hashes(workspace)
    assert {stage_of(path) for path in first} == {*STAGES, "manifest", "standing"}
    make_well(settings, redo=True)
    assert hashes(workspace) == first
    clear_outputs(workspace)
    assert hashes(workspace) == {}
    make_well(settings)
    assert hashes(workspace) == first


def test_each_stage_alone_makes_the_same_bytes_as_all_together(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    settings = settings_of(workspace)
    make_version(EARLIER, settings)
    together = hashes(workspace)
    clear_outputs(workspace)
    for stage in STAGES:
        make_well(settings, (stage,))
    assert hashes(workspace) == together


def test_a_version_made_over_another_is_the_same_bytes_as_made_in_an_empty_workspace(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    settings = settings_of(workspace)
    make_version(LATER, settings)
    over_nothing = hashes(workspace)
    make_version(EARLIER, settings)
    assert data_hashes(workspace) != {path: over_nothing[path] for path in over_nothing if stage_of(path) in STAGES}
    make_version(LATER, settings)
    expected = {path: digest for path, digest in over_nothing.items() if stage_of(path) in STAGES}
    assert data_hashes(workspace) == expected


def test_another_workspace_gets_the_same_bytes_in_every_file_that_names_no_path(tmp_path: Path) -> None:
    made, statistics = [], []
    record = f"persona_token_stats/{KEY}.json"
    for workspace in (tmp_path / "workspace", tmp_path / "elsewhere" / "another workspace, name ü"):
        settings = settings_of(workspace)
        make_version(EARLIER, settings)
        made.append(data_hashes(workspace))
        statistics.append(json.loads((workspace / record).read_text(encoding="utf-8")))
    assert made[0].keys() == made[1].keys()
    assert [path for path in made[0] if made[0][path] != made[1][path]] == [record]
    assert {name for name in statistics[0] if statistics[0][name] != statistics[1].get(name)} == {"plot"}
