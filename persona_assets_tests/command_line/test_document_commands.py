"""Every command line of the document that describes the datasets, with only the program's name changed.

The document runs three scripts: one that lists and creates, one that makes everything, and one that analyses tokens.
Here they are the commands of one program. What the document says of their results is looked at in the files.
"""

import json
import shlex
from pathlib import Path

import datasets
import pytest

from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets_tests.commands import Done, persona_assets
from persona_assets_tests.plain_reading import plain_rows, plain_variant
from persona_assets_tests.raw_corpus import GEMMA, QWEN, write_persona, write_settings

pytestmark = pytest.mark.campaign

DOCUMENT = """
uv run python chatspace/persona_to_hf.py list --type roles --model gemma-2-27b
uv run python chatspace/persona_to_hf.py create --type role --model gemma-2-27b --name accountant --min-score 3
uv run python chatspace/persona_to_hf.py create --type trait --model qwen-3-32b --name analytical --min-score 70 \\
  --label-filter pos
uv run python scripts/generate_all_persona_datasets.py --type both --workers 16
uv run python scripts/analyze_persona_token_counts.py
uv run python chatspace/persona_to_hf.py list --type traits --model gemma-2-27b
"""
AS_TYPED_HERE = {
    "uv run python chatspace/persona_to_hf.py": "",
    "uv run python scripts/generate_all_persona_datasets.py": "generate",
    "uv run python scripts/analyze_persona_token_counts.py": "analyze",
}
KEYS = (
    f"{GEMMA}__role__0_default",
    f"{GEMMA}__role__accountant",
    f"{GEMMA}__trait__calm",
    f"{QWEN}__trait__analytical",
)
ROLES_OF_GEMMA, TRAITS_OF_GEMMA = list(KEYS[:2]), [KEYS[2]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("document")
    write_settings(folder / "workspace", dict.fromkeys((GEMMA, QWEN), SAMPLE_TOKENIZER))
    for key in KEYS:
        write_persona(folder / "workspace" / "persona-data", key)
    return folder


@pytest.fixture(scope="module")
def done(folder: Path) -> list[Done]:
    """Each line of the document, run in its order."""
    lines = DOCUMENT.strip().replace("\\\n", " ").splitlines()
    return [persona_assets(folder, *shlex.split(_retype(line))) for line in lines]


def _retype(line: str) -> str:
    [script] = [script for script in AS_TYPED_HERE if line.startswith(script)]
    return AS_TYPED_HERE[script] + line.removeprefix(script)


def test_every_line_succeeds(done: list[Done]) -> None:
    assert [(one.args, one.returncode) for one in done] == [(one.args, 0) for one in done]


def test_the_lists_have_the_personas_asked_for(done: list[Done]) -> None:
    assert done[0].stdout.splitlines() == ROLES_OF_GEMMA
    assert done[-1].stdout.splitlines() == TRAITS_OF_GEMMA


@pytest.mark.parametrize(
    ("key", "variant"), [(f"{GEMMA}__role__accountant", "min3"), (f"{QWEN}__trait__analytical", "min70__pos")]
)
def test_what_was_created_is_where_and_what_the_document_says(
    key: str, variant: str, folder: Path, done: list[Done]
) -> None:
    place = folder / "workspace" / "datasets" / "processed" / "persona"
    rows = plain_variant(plain_rows(folder / "workspace" / "persona-data", key), variant)
    assert rows
    assert datasets.load_from_disk(str(place / f"{key}__{variant}"))["train"].to_list() == rows
    assert datasets.Dataset.from_parquet(str(place / f"{key}__{variant}.parquet")).to_list() == rows


def test_the_statistics_and_the_pictures_are_where_the_document_says(folder: Path, done: list[Done]) -> None:
    statistics = json.loads((folder / "workspace" / "persona_token_stats.json").read_text(encoding="utf-8"))
    assert statistics["metadata"]["total_datasets"] == len(KEYS)
    assert list(statistics["datasets"]) == list(KEYS)
    assert all(Path(entry["plot"]).is_file() for entry in statistics["datasets"].values())
    said = done[4].stdout.splitlines()
    assert f"statistics  {folder / 'workspace' / 'persona_token_stats.json'}" in said
    assert f"pictures    {folder / 'workspace' / 'persona_token_plots'}" in said


def test_output_dir_gets_a_copy_that_loads_alone(folder: Path, done: list[Done], tmp_path: Path) -> None:
    asked = ("create", "--type", "trait", "--model", QWEN, "--name", "analytical", "--min-score", "20")
    bounded = (*asked, "--max-score", "80", "--label-filter", "neg", "--output-dir", str(tmp_path / "out"))
    first, again = persona_assets(folder, *bounded), persona_assets(folder, *bounded)
    assert (first.returncode, again.returncode) == (0, 0), first.stdout + first.stderr + again.stderr
    name = f"{QWEN}__trait__analytical__min20__max80__neg"
    rows = plain_variant(plain_rows(folder / "workspace" / "persona-data", KEYS[3]), "min20__max80__neg")
    assert rows
    assert {path.name for path in (tmp_path / "out").iterdir()} == {name, f"{name}.parquet"}
    assert datasets.load_from_disk(str(tmp_path / "out" / name))["train"].to_list() == rows
    (tmp_path / "out" / f"{name}.parquet").write_bytes(b"somebody else's")
    refused = persona_assets(folder, *bounded)
    assert refused.returncode == 1
    assert f"{name}.parquet is there already, with other content" in refused.stderr
    assert (tmp_path / "out" / f"{name}.parquet").read_bytes() == b"somebody else's"


def test_analyze_without_a_dataset_says_what_to_do(folder: Path, done: list[Done]) -> None:
    refused = persona_assets(folder, "analyze", "--type", "roles", "--models", QWEN)
    assert refused.returncode == 1
    assert f"{QWEN} has no roles, only 1 trait" in refused.stderr
