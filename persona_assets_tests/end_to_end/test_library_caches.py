"""What a user of ``datasets`` leaves in a dataset folder is no damage, and goes with the rows it was made from."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.commands import persona_assets, persona_assets_in_turn
from persona_assets_tests.end_to_end import open_instance, run_range
from persona_assets_tests.raw_corpus import QWEN, responses_file

KEY = f"{QWEN}__trait__stoic"
VARIANT = f"{KEY}__pos"
OTHERS = ("cache.arrow", "cache-1.arrow.bak", "tmp12", "tmpABCDEFGH", "notes.txt", "data-00001-of-00002.arrow")
CACHES = "cache files of the datasets library"


def folder_of(workspace: Path, name: str) -> Path:
    return workspace / "datasets" / "processed" / "persona" / name / "train"


def count_words(row: dict[str, Any]) -> dict[str, int]:
    return {"words": len(row["question"].split())}


def caches_in(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(("cache-", "tmp"))]


@pytest.fixture
def used(materialised_workspace: Path) -> Path:
    """A workspace whose user has mapped, filtered and shuffled datasets in it, and was killed once while mapping."""
    for name in (KEY, VARIANT):
        rows = datasets.load_from_disk(str(folder_of(materialised_workspace, name).parent))["train"]
        rows.map(count_words)
        rows.filter(lambda row: row["label"] == "pos").shuffle(seed=7)
    folder = folder_of(materialised_workspace, KEY)
    program = (
        "import datasets, os, signal, sys\n"
        "rows = datasets.load_from_disk(sys.argv[1])['train']\n"
        "rows.map(lambda row: row['question_index'] == 3 and os.kill(os.getpid(), signal.SIGKILL) or row)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(folder.parent)], capture_output=True, check=False)
    assert {path.name[:3] for path in caches_in(folder)} == {"cac", "tmp"}
    return materialised_workspace


def test_caches_are_named_apart_and_are_no_damage(used: Path) -> None:
    files = [path for name in (KEY, VARIANT) for path in caches_in(folder_of(used, name))]
    size = sum(path.stat().st_size for path in files)
    verified, status = persona_assets_in_turn(used.parent, ["verify"], ["status"])
    assert verified.returncode == 0
    assert f"{len(files)} {CACHES}, {size / 1e6:.1f} MB, left alone" in verified.stdout
    assert "0 problems" in verified.stdout
    assert f"{'stale':<9} {KEY}" not in status.stdout


def test_a_run_without_changes_leaves_them_alone(used: Path) -> None:
    before = caches_in(folder_of(used, KEY))
    with open_instance(used) as instance:
        assert run_range(instance, used, (KEY, KEY)).success
    assert caches_in(folder_of(used, KEY)) == before


def test_the_next_version_of_the_rows_takes_their_place(used: Path) -> None:
    mapped = datasets.load_from_disk(str(folder_of(used, KEY).parent))["train"].map(count_words)
    raw = responses_file(used / "persona-data", KEY)
    lines = raw.read_bytes().splitlines(keepends=True)
    raw.write_bytes(b"".join(lines[:-1]))
    with open_instance(used) as instance:
        assert run_range(instance, used, (KEY, KEY)).success
    assert caches_in(folder_of(used, KEY)) == []
    assert caches_in(folder_of(used, VARIANT)) == []
    done = persona_assets(used.parent, "verify")
    assert done.returncode == 0
    assert CACHES not in done.stdout
    assert mapped[0]["words"] > 0, "a dataset that is open goes on"
    again = datasets.load_from_disk(str(folder_of(used, KEY).parent))["train"].map(count_words)
    assert len(again) == len(lines) - 1


def test_anything_else_is_still_a_file_that_no_manifest_knows(materialised_workspace: Path) -> None:
    for name in OTHERS:
        (folder_of(materialised_workspace, KEY) / name).write_bytes(b"x")
    result = verify(Workspace.of(Settings(workspace=materialised_workspace)), workers=1)
    assert {damage.path.name: damage.problem.partition(";")[0] for damage in result.damages} == dict.fromkeys(
        OTHERS, "is in no manifest"
    )
    assert result.caches == 0


def test_a_cache_is_one_only_in_its_place_and_as_a_file(materialised_workspace: Path) -> None:
    folder = folder_of(materialised_workspace, KEY)
    (folder.parent / "cache-1.arrow").write_bytes(b"x")
    (folder / "cache-2.arrow").symlink_to(folder / "state.json")
    result = verify(Workspace.of(Settings(workspace=materialised_workspace)), workers=1)
    assert [damage.path.name for damage in result.damages] == ["cache-1.arrow", "cache-2.arrow"]
    assert result.caches == 0
