"""The names of a persona's files: compressed, in shards, too many; and that finding them costs few looks."""

import os
from pathlib import Path
from typing import Any

import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.discovery import discover, fingerprint
from persona_assets.raw.sources import KeySources, locate
from persona_assets_tests.raw.layouts.demo import line, read, scores_of, write_json, write_lines
from persona_assets_tests.raw.test_discovery import problems, put

KEY = DatasetKey("m", "role", "a")
LAYOUTS = {
    "persona-subspace-240": ("m/roles_240/responses", "m/roles_240/extract_scores"),
    "persona-subspace": ("m/roles/responses", "m/roles/extract_labels"),
    "assistant-axis": ("m/responses", "m/scores"),
    "assistant-axis with kinds": ("m/roles/responses", "m/roles/scores"),
}
SHARDS = [f"a-{number:05}-of-00003.jsonl" for number in range(3)]


@pytest.fixture(params=LAYOUTS.values(), ids=list(LAYOUTS))
def folders(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """The folders of conversations and of scores in one layout."""
    responses, scores = request.param
    put(tmp_path, f"{responses}/other.jsonl", f"{scores}/other.json")
    return tmp_path / responses, tmp_path / scores


def sources_in(folder: Path) -> KeySources:
    return locate(RawCorpus(root_of(folder)), KEY)


def root_of(folder: Path) -> Path:
    return next(parent for parent in folder.parents if (parent / "m").is_dir())


def findings(folder: Path) -> dict[str, str]:
    return {Path(path).name: problem for path, problem in problems(discover(RawCorpus(root_of(folder)))).items()}


def keys(folder: Path) -> list[str]:
    return [key.persona for key in discover(RawCorpus(root_of(folder))).keys]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_a_file_may_be_compressed(suffix: str, folders: tuple[Path, Path]) -> None:
    responses, scores = folders
    put(responses, f"a.jsonl{suffix}")
    put(scores, f"a.json{suffix}")
    assert (keys(responses), findings(responses)) == (["a", "other"], {})
    assert [(file.name, file.path) for file in sources_in(responses).files] == [
        ("responses", responses / f"a.jsonl{suffix}"),
        ("scores", scores / f"a.json{suffix}"),
    ]


@pytest.mark.parametrize("suffixes", [("", "", ""), (".gz", ".gz", ".gz"), ("", ".zst", ".gz")])
def test_rows_may_be_in_shards(suffixes: tuple[str, ...], folders: tuple[Path, Path]) -> None:
    responses, scores = folders
    names = [name + suffix for name, suffix in zip(SHARDS, suffixes, strict=True)]
    put(responses, *reversed(names))
    put(scores, "a.json")
    assert (keys(responses), findings(responses)) == (["a", "other"], {})
    assert [(file.name, file.path) for file in sources_in(responses).files] == [
        *((f"responses-{number:05}-of-00003", responses / name) for number, name in enumerate(names)),
        ("scores", scores / "a.json"),
    ]


def test_rows_are_in_the_order_of_the_shards(folders: tuple[Path, Path]) -> None:
    for number in (2, 0, 1):
        write_lines(folders[0] / SHARDS[number], line(2 * number), line(2 * number + 1))
    raw, entries = read(root_of(folders[0]), KEY)
    assert [row.question_index for row in raw.rows] == list(range(6))
    assert entries == []
    assert list(raw.files) == [f"responses-{number:05}-of-00003" for number in range(3)]


@pytest.mark.parametrize("missing", range(3))
def test_a_missing_shard_is_a_finding_and_fails_the_key(missing: int, folders: tuple[Path, Path]) -> None:
    for number, name in enumerate(SHARDS):
        if number != missing:
            write_lines(folders[0] / name, line(number))
    there = SHARDS[int(missing == 0)]
    assert keys(folders[0]) == ["a", "other"]
    assert findings(folders[0]) == {
        SHARDS[missing]: f"is missing, but {there} is there; put it there, or generate all again"
    }
    with pytest.raises(RawDataError) as caught:
        read(root_of(folders[0]), KEY)
    assert str(caught.value) == f"{folders[0] / SHARDS[missing]} does not exist; put the raw file there"
    assert not sources_in(folders[0]).is_gone()


@pytest.mark.parametrize(
    ("names", "named", "problem"),
    [
        (["a.jsonl", "a.jsonl.gz"], "a.jsonl", "holds the same persona as a.jsonl.gz; keep one of them"),
        (["a.jsonl.gz", "a.jsonl.zst"], "a.jsonl.gz", "holds the same persona as a.jsonl.zst; keep one of them"),
        (
            [SHARDS[0], "a-00000-of-00003.jsonl.gz"],
            SHARDS[0],
            "is beside a-00000-of-00003.jsonl.gz, which are not shards of the same writing; keep those that belong "
            "together",
        ),
        (
            [SHARDS[0], "a-00001-of-00002.jsonl"],
            SHARDS[0],
            "is beside a-00001-of-00002.jsonl, which are not shards of the same writing; keep those that belong "
            "together",
        ),
        (
            ["a-00003-of-00003.jsonl"],
            "a-00003-of-00003.jsonl",
            "has a number beyond the count in its name; rename it",
        ),
    ],
)
def test_files_of_which_nothing_tells_which_is_right_are_named_and_fail_the_key(
    names: list[str], named: str, problem: str, folders: tuple[Path, Path]
) -> None:
    for name in names:
        write_lines(folders[0] / name, line())
    assert (keys(folders[0]), findings(folders[0])) == (["other"], {named: problem})
    with pytest.raises(RawDataError) as caught:
        read(root_of(folders[0]), KEY)
    assert str(caught.value) == f"{folders[0] / named} {problem}"
    assert not sources_in(folders[0]).is_gone()


def test_a_whole_file_beside_shards_is_no_key(folders: tuple[Path, Path]) -> None:
    put(folders[0], "a.jsonl", *SHARDS)
    assert keys(folders[0]) == ["other"]
    [(named, problem)] = findings(folders[0]).items()
    assert {named, *SHARDS, "a.jsonl"} == {*SHARDS, "a.jsonl"}
    assert all(name in problem for name in {*SHARDS, "a.jsonl"} - {named})


def test_two_files_of_scores_are_named_and_fail_the_key(folders: tuple[Path, Path]) -> None:
    responses, scores = folders
    write_lines(responses / "a.jsonl", line())
    for name in ("a.json", "a.json.gz"):
        write_json(scores / name, {})
    assert keys(responses) == ["a", "other"]
    assert findings(responses) == {"a.json.gz": "scores the same rows as a.json; keep one of them"}
    with pytest.raises(RawDataError) as caught:
        scores_of(root_of(responses), KEY)
    assert str(caught.value) == f"{scores / 'a.json'} scores the same rows as a.json.gz; keep one of them"


@pytest.mark.parametrize("name", ["a.jsonl.xz", "a.JSONL", "a.jsonl.gz.bak", "a.json"])
def test_another_ending_is_a_finding(name: str, folders: tuple[Path, Path]) -> None:
    put(folders[0], name)
    assert findings(folders[0]) == {name: "is no .jsonl file"}


def test_compressed_files_in_the_wrong_place_are_named(folders: tuple[Path, Path]) -> None:
    put(folders[0].parent, "Response/b.jsonl.gz", "c.jsonl.zst")
    assert set(findings(folders[0])) == {"Response", "c.jsonl.zst"}


def test_a_persona_whose_name_begins_like_another_has_its_own_files(folders: tuple[Path, Path]) -> None:
    put(folders[0], "a-b.jsonl", "a-b-00000-of-00001.jsonl.gz", *SHARDS)
    assert [file.path.name for file in sources_in(folders[0]).conversations] == SHARDS


def test_the_fingerprint_changes_with_every_shard(folders: tuple[Path, Path]) -> None:
    seen = [fingerprint(RawCorpus(root_of(folders[0])))]
    for name in SHARDS:
        put(folders[0], name)
        seen.append(fingerprint(RawCorpus(root_of(folders[0]))))
    assert len(set(seen)) == 4


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_a_folder_of_files_is_not_listed_for_a_key_that_has_a_whole_file(
    name: str, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folders[0], name)
    listed = watch_listing(monkeypatch)
    sources = sources_in(folders[0])
    assert sources.conversations[0].path == folders[0] / name
    assert not listed.intersection(map(str, folders))


def watch_listing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    listed: set[str] = set()
    for name, looks in (("scandir", os.scandir), ("listdir", os.listdir)):

        def look(path: Path, looks: Any = looks) -> Any:
            listed.add(str(path))
            return looks(path)

        monkeypatch.setattr(os, name, look)
    return listed


def test_what_cannot_be_looked_at_counts_as_there(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "lstat", refuse)
    assert sources_in(folders[0]).conversations[0].path.parent.name == folders[0].name
