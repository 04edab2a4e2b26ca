"""Finding raw files: each becomes a key or is reported with the reason, never neither."""

import os
from pathlib import Path

import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.kinds import ROLE, TRAIT
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import RawInventory, discover


def put(root: Path, *paths: str) -> None:
    for path in paths:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def problems(inventory: RawInventory) -> dict[str, str]:
    return {str(file.path.relative_to(inventory.root)): file.problem for file in inventory.unfit}


def test_every_response_file_is_a_key_sorted_by_model_kind_and_persona(tmp_path: Path) -> None:
    put(
        tmp_path,
        "qwen-3-32b/traits_240/responses/stoic.jsonl",
        "qwen-3-32b/roles_240/responses/stoic.jsonl",
        "llama-3.3-70b/roles_240/responses/activist.jsonl",
        "llama-3.3-70b/roles_240/responses/0_default.jsonl",
        "gemma-2/roles_240/responses/alien-hunter.jsonl",
        "gemma-2/roles_240/responses/alien.jsonl",
        "gemma-2-27b/roles_240/responses/alien.jsonl",
    )
    inventory = discover(RawCorpus(tmp_path))
    assert [str(key) for key in inventory.keys] == [
        "gemma-2__role__alien",
        "gemma-2__role__alien-hunter",
        "gemma-2-27b__role__alien",
        "llama-3.3-70b__role__0_default",
        "llama-3.3-70b__role__activist",
        "qwen-3-32b__role__stoic",
        "qwen-3-32b__trait__stoic",
    ]
    assert inventory.unfit == ()
    assert inventory.root == tmp_path


def test_keys_can_be_had_by_kind(tmp_path: Path) -> None:
    put(tmp_path, "m/roles_240/responses/a.jsonl", "m/traits_240/responses/b.jsonl")
    inventory = discover(RawCorpus(tmp_path))
    role, trait = DatasetKey("m", "role", "a"), DatasetKey("m", "trait", "b")
    assert inventory.of_kind(ROLE) == (role,)
    assert inventory.of_kind(TRAIT) == (trait,)
    assert inventory.of_kind(ROLE, TRAIT) == (role, trait)
    assert inventory.of_kind() == ()


def test_a_score_file_of_a_known_persona_is_no_finding(tmp_path: Path) -> None:
    put(tmp_path, "m/roles_240/responses/a.jsonl", "m/roles_240/extract_scores/a.json")
    inventory = discover(RawCorpus(tmp_path))
    assert [str(key) for key in inventory.keys] == ["m__role__a"]
    assert inventory.unfit == ()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a__b.jsonl", "contains '__'"),
        (".hidden.jsonl", "must start with a letter or digit"),
        (".jsonl", "is empty"),
        ("_a.jsonl", "must start with a letter or digit"),
        ("a_.jsonl", "must not end with"),
        ("a b.jsonl", "ASCII letters"),
        ("a,b.jsonl", "ASCII letters"),
        ("a\nb.jsonl", "ASCII letters"),
        ("\u00e9.jsonl", "ASCII letters"),
        ("a.parquet.jsonl", "ends with '.parquet'"),
        ("x" * 65 + ".jsonl", "65 characters"),
        ("alien.jsonl.xz", "is no .jsonl file"),
        ("alien.JSONL", "is no .jsonl file"),
        ("alien", "is no .jsonl file"),
        ("alien.json", "is no .jsonl file"),
    ],
)
def test_a_response_file_that_cannot_be_a_key_is_reported_with_the_reason(
    name: str, problem: str, tmp_path: Path
) -> None:
    put(tmp_path, "m/roles_240/responses/good.jsonl", f"m/roles_240/responses/{name}")
    inventory = discover(RawCorpus(tmp_path))
    assert [str(key) for key in inventory.keys] == ["m__role__good"]
    assert list(problems(inventory)) == [f"m/roles_240/responses/{name}"]
    assert problem in problems(inventory)[f"m/roles_240/responses/{name}"]


def test_a_file_name_that_is_no_text_is_reported_printably(tmp_path: Path) -> None:
    folder = tmp_path / "m" / "roles_240" / "responses"
    folder.mkdir(parents=True)
    try:
        os.close(os.open(os.fsencode(folder) + b"/\xff\xfe.jsonl", os.O_CREAT))
    except OSError:
        return
    [file] = discover(RawCorpus(tmp_path)).unfit
    assert "\\udcff\\udcfe.jsonl: role name" in str(file)
    assert str(file).isascii()


def test_a_line_break_in_a_file_name_is_shown_on_one_line(tmp_path: Path) -> None:
    put(tmp_path, "m/roles_240/responses/a\nb\x1b[31m.jsonl")
    [file] = discover(RawCorpus(tmp_path)).unfit
    assert str(file).isprintable()


def test_every_file_of_a_model_whose_name_does_not_fit_is_reported(tmp_path: Path) -> None:
    put(
        tmp_path,
        "my__model/roles_240/responses/a.jsonl",
        "my__model/traits_240/responses/b.jsonl",
        "m/roles_240/responses/a.jsonl",
    )
    inventory = discover(RawCorpus(tmp_path))
    assert [str(key) for key in inventory.keys] == ["m__role__a"]
    assert list(problems(inventory)) == [
        "my__model/roles_240/responses/a.jsonl",
        "my__model/traits_240/responses/b.jsonl",
    ]
    assert all("model name 'my__model' contains '__'" in problem for problem in problems(inventory).values())


def test_scores_without_conversations_are_reported(tmp_path: Path) -> None:
    put(
        tmp_path,
        "m/roles_240/responses/a.jsonl",
        "m/roles_240/extract_scores/orphan.json",
        "m/traits_240/extract_scores/a.json",
    )
    inventory = discover(RawCorpus(tmp_path))
    assert [str(key) for key in inventory.keys] == ["m__role__a"]
    assert problems(inventory) == {
        "m/roles_240/extract_scores/orphan.json": "scores conversations that are not there",
        "m/traits_240/extract_scores/a.json": "scores conversations that are not there",
    }


def test_a_file_that_only_looks_like_responses_does_not_hide_orphaned_scores(tmp_path: Path) -> None:
    put(tmp_path, "m/roles_240/responses/alien", "m/roles_240/extract_scores/alien.json")
    assert set(problems(discover(RawCorpus(tmp_path)))) == {
        "m/roles_240/responses/alien",
        "m/roles_240/extract_scores/alien.json",
    }


def test_a_stranger_among_the_score_files_is_reported(tmp_path: Path) -> None:
    put(tmp_path, "m/roles_240/responses/a.jsonl", "m/roles_240/extract_scores/a.json.bak")
    assert problems(discover(RawCorpus(tmp_path))) == {"m/roles_240/extract_scores/a.json.bak": "is no .json file"}


def test_the_scores_of_a_reported_response_file_are_not_reported_again(tmp_path: Path) -> None:
    put(tmp_path, "m/roles_240/responses/a__b.jsonl", "m/roles_240/extract_scores/a__b.json")
    assert list(problems(discover(RawCorpus(tmp_path)))) == ["m/roles_240/responses/a__b.jsonl"]


def test_findings_are_sorted_by_path(tmp_path: Path) -> None:
    put(tmp_path, "m/roles_240/extract_scores/x.json", "m/roles_240/responses/z", "a/traits_240/responses/y")
    paths = [file.path for file in discover(RawCorpus(tmp_path)).unfit]
    assert paths == sorted(paths)
    assert len(paths) == 3


def test_models_without_personas_and_loose_files_give_no_key(tmp_path: Path) -> None:
    put(tmp_path, "README.md", "m/notes.txt", "m/other/responses/a.jsonl")
    (tmp_path / "m" / "roles_240").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert discover(RawCorpus(tmp_path)).keys == ()


def test_a_model_may_be_a_link_to_another_disk(tmp_path: Path) -> None:
    put(tmp_path, "disk/roles_240/responses/a.jsonl")
    root = tmp_path / "root"
    root.mkdir()
    (root / "m").symlink_to(tmp_path / "disk")
    assert [str(key) for key in discover(RawCorpus(root)).keys] == ["m__role__a"]


def test_an_empty_root_holds_nothing(tmp_path: Path) -> None:
    assert discover(RawCorpus(tmp_path)) == RawInventory(tmp_path, (), ())


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_root_that_is_no_folder_is_an_error_with_the_path_and_the_setting(name: str, tmp_path: Path) -> None:
    put(tmp_path, "file")
    with pytest.raises(RawDataError, match="PERSONA_DATA_ROOT") as caught:
        discover(RawCorpus(tmp_path / name))
    assert str(tmp_path / name) in str(caught.value)
