"""What lies where it is not looked for is named with what it is, once, and without a search of strangers' folders."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from persona_assets.raw import strays
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint
from persona_assets_tests.raw.test_discovery import problems, put

GOOD = "m/roles_240/responses/a.jsonl"
BELONGS = "raw files belong in {model}/{roles_240|traits_240}/{responses|extract_scores}/"


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("m/Roles_240/responses/b.jsonl", "m/Roles_240"),
        ("m/roles/b.jsonl", "m/roles"),
        ("m/role_240/responses/b.jsonl", "m/role_240"),
        ("m/roles240/extract_scores/b.json", "m/roles240"),
        ("m/traits_240.bak/responses/b.jsonl", "m/traits_240.bak"),
        ("m/rloes_240/responses/b.jsonl", "m/rloes_240"),
        ("m/responses/b.jsonl", "m/responses"),
        ("roles_240/responses/b.jsonl", "roles_240/responses"),
        ("m/roles_240/response/b.jsonl", "m/roles_240/response"),
        ("m/roles_240/Responses/b.jsonl", "m/roles_240/Responses"),
        ("m/roles_240/extract_score/b.json", "m/roles_240/extract_score"),
        ("m/roles_240/scores/b.json", "m/roles_240/scores"),
        ("m/roles_240/responses (copy)/b.jsonl", "m/roles_240/responses (copy)"),
    ],
)
def test_a_folder_that_was_meant_to_be_read_is_named_with_what_it_holds(
    file: str, named: str, tmp_path: Path
) -> None:
    put(tmp_path, GOOD, file)
    inventory = discover(RawCorpus(tmp_path))
    assert [str(key) for key in inventory.keys] == ["m__role__a"]
    assert list(problems(inventory)) == [named]
    assert f"1 raw files such as {Path(file).name}" in problems(inventory)[named]
    assert BELONGS in problems(inventory)[named]


@pytest.mark.parametrize(
    "file",
    ["b.jsonl", "b.JSONL", ".b.jsonl", "m/b.jsonl", "m/roles_240/b.jsonl", "m/roles_240/b.json", "responses/b.jsonl"],
)
def test_a_loose_raw_file_is_named(file: str, tmp_path: Path) -> None:
    put(tmp_path, GOOD, file)
    corpus = RawCorpus(tmp_path)
    belongs = BELONGS if "/" in file else f"raw files belong in {corpus.signs.place}"
    assert problems(discover(corpus)) == {file: f"is not read here; {belongs}"}


@pytest.mark.parametrize(
    ("file", "entry"), [("deep/b.jsonl", "deep"), ("deep/deeper/b.jsonl", "deep"), ("b.json/c.jsonl", "b.json")]
)
def test_raw_files_in_folders_below_responses_are_named(file: str, entry: str, tmp_path: Path) -> None:
    put(tmp_path, GOOD, f"m/roles_240/responses/{file}")
    [(named, problem)] = problems(discover(RawCorpus(tmp_path))).items()
    assert named == f"m/roles_240/responses/{entry}"
    assert problem == (
        f"is a folder, and only files directly in responses are read; it holds 1 raw files such as {Path(file).name}"
    )


@pytest.mark.parametrize(
    "file",
    [
        "README.md",
        "config.json",
        "m/notes.txt",
        "m/config.json",
        "m/roles_240/notes.md",
        "m/roles_240/response_activations/b.pt",
        "m/vectors/responses/b.jsonl",
        ".git/roles_240/responses/b.jsonl",
        "m/.cache/responses/b.jsonl",
        "m/roles_240/responses/.DS_Store",
        "m/roles_240/responses/.nfs0001",
        "m/roles_240/extract_scores/.DS_Store",
    ],
)
def test_what_is_no_raw_data_is_left_unnamed(file: str, tmp_path: Path) -> None:
    put(tmp_path, GOOD, file)
    assert problems(discover(RawCorpus(tmp_path))) == {}


@pytest.mark.parametrize("place", ["n", "m/traits_240", "m/roles_240/extract_scores"])
def test_a_folder_that_is_a_link_to_nothing_or_to_itself_is_named(place: str, tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    (tmp_path / place).symlink_to(tmp_path / place)
    [(named, problem)] = problems(discover(RawCorpus(tmp_path))).items()
    assert named == place
    assert problem.startswith(("is a symbolic link that leads nowhere", "cannot be looked at"))


@pytest.mark.parametrize("place", ["m/traits_240", "m/roles_240/extract_scores"])
def test_a_file_where_a_folder_should_be_is_named(place: str, tmp_path: Path) -> None:
    put(tmp_path, GOOD, place)
    assert problems(discover(RawCorpus(tmp_path))) == {place: "is a file where a folder should be; move it away"}


def test_every_folder_is_listed_once_and_those_of_others_hardly_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, GOOD, "m/roles_240/extract_scores/a.json", "m/vectors/1/2/b.jsonl")
    put(tmp_path, *(f"m/old_roles/{number:02}/{deep}/b.jsonl" for number in range(30) for deep in "xyz"))
    listed: list[str] = []
    for name, looks in (("scandir", os.scandir), ("listdir", os.listdir)):

        def look(path: Path, looks: Callable[[Path], Any] = looks) -> Any:
            listed.append(str(path))
            return looks(path)

        monkeypatch.setattr(os, name, look)
    discover(RawCorpus(tmp_path))
    assert len(listed) == len(set(listed))
    own = {"", "m", "m/roles_240", "m/roles_240/responses", "m/roles_240/extract_scores"}
    others = {str(Path(path).relative_to(tmp_path)) for path in listed} - {name or "." for name in own}
    assert others == {"m/old_roles", *(f"m/old_roles/{number:02}" for number in range(strays.MOST_ENTERED))} - own


def test_a_misplaced_folder_changes_the_fingerprint_when_it_comes_and_when_it_goes(tmp_path: Path) -> None:
    put(tmp_path, GOOD)
    files = ("m/Roles_240/responses/b.jsonl", "m/Roles_240/responses/c.jsonl", "loose.jsonl", "m/roles_240/x.json")
    seen = [fingerprint(RawCorpus(tmp_path))]
    for file in files:
        put(tmp_path, file)
        seen.append(fingerprint(RawCorpus(tmp_path)))
    assert len(set(seen)) == len(seen)
    for file in reversed(files):
        (tmp_path / file).unlink()
        seen.pop()
        assert fingerprint(RawCorpus(tmp_path)) == seen[-1]
