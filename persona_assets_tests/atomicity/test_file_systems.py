"""A key is made again and again on file systems that cannot exchange names, link files, or flush folders."""

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_assets.collection.byte_comparison import verify
from persona_assets.collection.leftovers import clean_up
from persona_assets.settings import Settings
from persona_assets.workspace import Workspace
from persona_assets_tests.atomicity import (
    EARLIER,
    KEY,
    LATER,
    RawVersion,
    below_hidden,
    data_hashes,
    hidden_entries,
    make_version,
    recorded_hashes,
    settings_of,
)
from persona_assets_tests.atomicity.file_systems import copy_of, fuse, overlay

pytestmark = pytest.mark.campaign

NO_EXCHANGE = {"NFS, CIFS, FUSE": errno.EINVAL, "an old kernel": errno.ENOSYS, "overlay": errno.EXDEV}
NO_LINKS = {"CIFS": errno.EOPNOTSUPP, "FAT": errno.EPERM, "a file with many links": errno.EMLINK}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str]]:
    """The outputs of both versions, each made in an empty workspace of a local disk."""
    return of_a_fresh_workspace(tmp_path_factory, EARLIER), of_a_fresh_workspace(tmp_path_factory, LATER)


def of_a_fresh_workspace(factory: pytest.TempPathFactory, version: RawVersion) -> dict[str, str]:
    workspace = factory.mktemp("undisturbed") / "workspace"
    make_version(version, settings_of(workspace))
    return data_hashes(workspace)


def make_both_ways(settings: Settings, undisturbed: tuple[dict[str, str], dict[str, str]]) -> None:
    """Outputs appear, are replaced and vanish, and each version is exactly as in a workspace of its own."""
    for version, made in ((EARLIER, 0), (LATER, 1), (EARLIER, 0)):
        make_version(version, settings)
        assert data_hashes(settings.workspace) == recorded_hashes(settings.workspace)
        assert same_but_for_paths(data_hashes(settings.workspace), undisturbed[made])
        assert hidden_entries(settings.workspace) == []
    assert verify(Workspace.of(settings), workers=1).damages == ()


def same_but_for_paths(one: dict[str, str], other: dict[str, str]) -> bool:
    """Only the statistics name the workspace, as the place of the picture."""
    return {path: of for path, of in one.items() if not path.startswith("persona_token_stats/")} == {
        path: of for path, of in other.items() if not path.startswith("persona_token_stats/")
    }


@pytest.mark.parametrize("code", NO_EXCHANGE.values(), ids=NO_EXCHANGE)
def test_every_version_is_made_where_two_names_cannot_be_exchanged(
    code: int, undisturbed: tuple[dict[str, str], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []

    def refusing(one: bytes, _other: bytes) -> int:
        asked.append(one)
        ctypes.set_errno(code)
        return -1

    monkeypatch.setattr("persona_assets.store.exchange._exchange_call", lambda: refusing)
    make_both_ways(settings_of(tmp_path / "workspace"), undisturbed)
    assert asked


@pytest.mark.parametrize("code", NO_LINKS.values(), ids=NO_LINKS)
def test_every_version_is_made_where_files_have_one_name_only(
    code: int, undisturbed: tuple[dict[str, str], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_names: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refusing)
    make_both_ways(settings_of(tmp_path / "workspace"), undisturbed)


def test_every_version_is_made_where_folders_cannot_be_flushed(
    undisturbed: tuple[dict[str, str], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def files_only(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        flush(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    make_both_ways(settings_of(tmp_path / "workspace"), undisturbed)


@pytest.fixture
def fuse_mount(tmp_path: Path) -> Iterator[Path]:
    with fuse(tmp_path) as mounted:
        yield mounted


def test_every_version_is_made_on_a_real_fuse_file_system(
    fuse_mount: Path, undisturbed: tuple[dict[str, str], dict[str, str]]
) -> None:
    make_both_ways(settings_of(fuse_mount / "workspace"), undisturbed)


def test_every_version_is_made_above_a_layer_that_holds_an_earlier_one(
    undisturbed: tuple[dict[str, str], dict[str, str]], tmp_path: Path
) -> None:
    lower = tmp_path / "lower"
    make_version(LATER, settings_of(lower / "workspace"))
    with overlay(tmp_path, copy_of(lower, tmp_path / "image")) as above:
        make_both_ways(settings_of(above / "workspace"), undisturbed)


def test_a_reader_that_keeps_a_file_open_costs_no_key_anything(fuse_mount: Path) -> None:
    """FUSE, and NFS likewise, keep a removed file that is open under another name, so that its folder stays."""
    settings = settings_of(fuse_mount / "workspace")
    make_version(EARLIER, settings)
    shard = next((settings.workspace / "datasets").rglob(f"{KEY}/train/*.arrow"))
    with shard.open("rb") as reader:
        before = reader.read()
        make_version(LATER, settings)
        assert data_hashes_in_place(settings.workspace) == recorded_hashes(settings.workspace)
        reader.seek(0)
        assert reader.read() == before
    assert clean_up(Workspace.of(settings)).problems == []
    assert hidden_entries(settings.workspace) == []


def data_hashes_in_place(workspace: Path) -> dict[str, str]:
    return {path: digest for path, digest in data_hashes(workspace).items() if not below_hidden(path)}
