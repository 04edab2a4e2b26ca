"""Each stage still makes the bytes that are on record for its code version. After a change that is meant, raise the
version of every stage whose bytes changed, and renew the record with

python -m persona_assets_tests.test_golden_outputs
"""

import hashlib
import json
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from persona_assets.keys import DatasetKey
from persona_assets.run.one_key import materialise_key
from persona_assets.sample import SAMPLE_TOKENIZER
from persona_assets.settings import load_settings
from persona_assets.stages.registry import list_stages
from persona_assets.stages.training_sets.spec import BY_SET
from persona_assets_tests.raw_corpus import BROKEN_LINE, MODELS, QWEN, responses_file, write_persona, write_settings
from persona_assets_tests.stage_names import OF_SETS, STAGES

RECORD = Path(__file__).with_name("golden_outputs.json")
KEYS = (f"{QWEN}__role__stoic", f"{QWEN}__trait__stoic")
LIBRARIES = ("datasets", "matplotlib", "numpy", "pillow", "pyarrow")
"""Whose versions decide about bytes too."""
SETS = {
    "rows": {"min_score": 1, "format": "llama_factory", "splits": {"train": 0.5, "validation": 0.5}},
    "pairs": {"pair_rule": "gap > 0", "format": "dpo", "splits": {"train": 1.0}},
}
"""Training sets."""
AFTER_ANSWER = '"}], "question_index"'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return make(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("stage", [*STAGES, *OF_SETS])
def test_a_stage_whose_code_version_stands_makes_the_bytes_on_record(stage: str, made: dict[str, Any]) -> None:
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert made["libraries"] == recorded["libraries"], "other libraries are installed than those of constraints.txt"
    now, before = made["stages"][stage], recorded["stages"][stage]
    if now["code_version"] == before["code_version"]:
        assert now["sha256"] == before["sha256"], f"{stage} makes other bytes: raise its code version"
    assert now == before, "run: python -m persona_assets_tests.test_golden_outputs"


def test_a_changed_output_is_seen(tmp_path: Path, made: dict[str, Any]) -> None:
    again = make(tmp_path, answer_ending=" </think>")
    before = made["stages"]
    changed = {stage for stage, one in again["stages"].items() if one["sha256"] != before[stage]["sha256"]}
    assert changed == {*STAGES, *OF_SETS}


def make(folder: Path, answer_ending: str = "") -> dict[str, Any]:
    """Materialise a small fixed corpus below ``folder``; a hash over all files that each stage wrote."""
    workspace = folder / "workspace"
    write_settings(workspace, dict.fromkeys(MODELS, SAMPLE_TOKENIZER))
    settings = load_settings(workspace=workspace, training_sets=SETS)
    digests = {stage: hashlib.sha256() for stage in (*STAGES, *OF_SETS)}
    for key in KEYS:
        write_persona(settings.raw_root, key)
        file = responses_file(settings.raw_root, key)
        text = file.read_text(encoding="utf-8").replace(AFTER_ANSWER, f"{answer_ending}{AFTER_ANSWER}")
        file.write_text(f"{text}{BROKEN_LINE}\n", encoding="utf-8")
        parsed = DatasetKey.parse(key)
        outcome = materialise_key(parsed, settings, variants=settings.variants_of(parsed.kind))
        assert outcome.failure is None
        manifest = json.loads((workspace / "persona_manifests" / f"{key}.json").read_text(encoding="utf-8"))
        for stage in STAGES:
            add_files(digests[stage], workspace, manifest[stage]["outputs"])
    for name in SETS:
        outcome = materialise_key(name, settings, partitioning=BY_SET)
        assert outcome.failure is None
        manifest = json.loads((workspace / "persona_manifests" / f"{name}.json").read_text(encoding="utf-8"))
        for stage in OF_SETS:
            add_files(digests[stage], workspace, manifest[stage]["outputs"])
    return {
        "libraries": {name: version(name) for name in LIBRARIES},
        "stages": {
            stage.name: {"code_version": stage.code_version, "sha256": digests[stage.name].hexdigest()}
            for stage in list_stages()
        },
    }


def add_files(digest: Any, workspace: Path, paths: Iterable[str]) -> None:
    for path in sorted(paths):
        content = (workspace / path).read_bytes().replace(str(workspace).encode(), b"")
        digest.update(f"{path} {len(content)}\n".encode() + content)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        RECORD.write_text(json.dumps(make(Path(temporary)), indent=2) + "\n", encoding="utf-8")
