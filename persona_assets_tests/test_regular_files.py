"""Whatever reads a file by its name refuses, at once, what is no regular file, and says what it is."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from persona_assets.errors import InconsistentOutputError, PersonaAssetsError, Producer, SettingsError, TokenizerError
from persona_assets.keys import DatasetKey
from persona_assets.raw.reader import read_conversations
from persona_assets.raw.scores import read_scores
from persona_assets.sample import SAMPLE_TOKENIZER_FOLDER
from persona_assets.settings import Settings, load_settings
from persona_assets.store.content import Content
from persona_assets.store.dataset_folders import read_dataset
from persona_assets.store.parquet import read_parquet
from persona_assets.store.records import read_builtins
from persona_assets.tokens.loading import load_tokenizer
from persona_assets_tests.raw.reading import conversations_at, line, scores_at

KEY = DatasetKey("gemma-2-27b", "role", "stoic")
PRODUCER = Producer("anything", KEY)
BLOCKS = 20
"""Seconds after which the alarm ends a reader that waits, so that it fails and holds nothing up."""


def put_pipe(path: Path) -> str:
    os.mkfifo(path)
    return "named pipe"


def put_socket(path: Path) -> str:
    with socket.socket(socket.AF_UNIX) as bound, contextlib.chdir(path.parent):  # for its path must be short
        bound.bind(path.name)
    return "socket"


def put_endless(path: Path) -> str:
    path.symlink_to("/dev/zero")
    return "device"


def put_terminal(path: Path) -> str:
    path.symlink_to("/dev/tty")
    return "device"


def put_folder(path: Path) -> str:
    path.mkdir()
    return "folder"


PUT = (put_pipe, put_socket, put_endless, put_terminal, put_folder)


def read_data_file(path: Path) -> object:
    folder = path.parent / "dataset"
    (folder / "train").mkdir(parents=True)
    path.rename(folder / "train" / "data-00000-of-00001.arrow")
    return read_dataset(folder, KEY.kind, PRODUCER)


def read_tokenizer(path: Path) -> object:
    folder = path.parent / "tokenizer"
    folder.mkdir()
    (folder / "tokenizer.json").symlink_to(SAMPLE_TOKENIZER_FOLDER / "tokenizer.json")
    path.rename(folder / "tokenizer_config.json")
    return load_tokenizer("m", Settings(models={"m": "tokenizer"}, tokenizers=path.parent))


def read_settings(path: Path) -> object:
    path.rename(path.parent / "persona_assets.toml")
    return load_settings(workspace=path.parent)


READERS: dict[str, tuple[Callable[[Path], object], type[Exception]]] = {
    "raw": (lambda path: read_conversations(conversations_at(path, KEY), Settings(), print), PersonaAssetsError),
    "scores": (lambda path: read_scores(scores_at(path, KEY), Settings()), PersonaAssetsError),
    "record": (lambda path: read_builtins(path, PRODUCER), InconsistentOutputError),
    "parquet": (lambda path: read_parquet(path, PRODUCER), InconsistentOutputError),
    "dataset": (read_data_file, InconsistentOutputError),
    "content": (Content.of, OSError),
    "tokenizer": (read_tokenizer, TokenizerError),
    "settings": (read_settings, SettingsError),
}


@pytest.fixture(autouse=True)
def _nothing_waits() -> Any:
    def give_up(*_: object) -> None:
        raise TimeoutError(f"waited for {BLOCKS} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(BLOCKS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("put", PUT, ids=lambda put: put.__name__.removeprefix("put_"))
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_regular_file_is_refused_at_once_and_named(
    reader: str, put: Callable[[Path], str], tmp_path: Path
) -> None:
    if reader in ("dataset", "tokenizer") and put is put_folder:
        pytest.skip("a folder in these is left alone: nothing in them is opened by every name")
    read, error = READERS[reader]
    kind = put(tmp_path / "it")
    with pytest.raises(error, match=f"it is a {kind}, not a regular file"):
        read(tmp_path / "it")


def test_a_file_that_grows_while_it_is_read_is_read_as_it_was(tmp_path: Path) -> None:
    """As of a generator that is still at work: whoever read to the end would never come to it."""
    path, bad = tmp_path / "stoic.jsonl", b"no JSON\n"
    content = line(0) + b"\n" + bad
    path.write_bytes(content)

    def write_another(_: object) -> None:
        with path.open("ab") as file:
            file.write(bad)

    raw = read_conversations(conversations_at(path, KEY), Settings(), write_another)
    assert (raw.ledger.lines, raw.ledger.kept) == (2, 1)
    [read] = raw.files.values()
    assert (read.size_bytes, read.sha256) == (len(content), sha256(content).hexdigest())
