"""The files of a key: where they are expected, whether they are gone, and what is said where that cannot be told."""

import os
from pathlib import Path

import pytest

from persona_assets.errors import RawDataError
from persona_assets.keys import DatasetKey
from persona_assets.raw.corpus import RawCorpus
from persona_assets.raw.sources import locate
from persona_assets_tests.raw.test_discovery import put

ROLE_KEY = DatasetKey("llama-3.3-70b", "role", "c.3po")
TRAIT_KEY = DatasetKey("llama-3.3-70b", "trait", "calm")


@pytest.mark.parametrize(("key", "folder"), [(ROLE_KEY, "roles_240"), (TRAIT_KEY, "traits_240")])
def test_raw_files_are_where_persona_subspace_writes_them(key: DatasetKey, folder: str) -> None:
    sources = locate(RawCorpus(Path("/raw")), key)
    assert [(file.name, str(file.path)) for file in sources.files] == [
        ("responses", f"/raw/llama-3.3-70b/{folder}/responses/{key.persona}.jsonl"),
        ("scores", f"/raw/llama-3.3-70b/{folder}/extract_scores/{key.persona}.json"),
    ]
    assert sources.files == sources.conversations + sources.scores


@pytest.mark.parametrize(
    ("kind", "persona", "baseline"),
    [
        ("role", "0_default", True),
        ("role", "12_default", True),
        ("role", "default", False),
        ("trait", "0_default", False),
    ],
)
def test_a_baseline_is_a_numbered_default_among_the_roles(kind: str, persona: str, baseline: bool) -> None:
    assert locate(RawCorpus(Path("/raw")), DatasetKey("m", kind, persona)).is_baseline == baseline


def test_a_key_is_gone_once_its_conversations_are_whatever_else_is_there(tmp_path: Path) -> None:
    sources = locate(RawCorpus(tmp_path), ROLE_KEY)
    assert sources.is_gone()
    put(tmp_path, str(sources.scores[0].path))
    assert sources.is_gone()
    put(tmp_path, str(sources.conversations[0].path))
    assert not sources.is_gone()


def test_a_link_that_leads_nowhere_is_there(tmp_path: Path) -> None:
    [file] = locate(RawCorpus(tmp_path), ROLE_KEY).conversations
    file.path.parent.mkdir(parents=True)
    file.path.symlink_to("nowhere")
    assert not locate(RawCorpus(tmp_path), ROLE_KEY).is_gone()


def test_where_it_cannot_be_told_nothing_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> os.stat_result:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "lstat", refuse)
    sources = locate(RawCorpus(tmp_path), ROLE_KEY)
    path = sources.conversations[0].path
    with pytest.raises(RawDataError) as caught:
        sources.is_gone()
    assert str(caught.value) == (
        f"{path} cannot be looked at: Permission denied; nothing is retired while its folder is unreadable"
    )
    assert caught.value.path == path
